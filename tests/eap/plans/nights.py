"""A plan as people really write them: lanes, a decision, an approval, a point of no return, a wait, an update."""

from __future__ import annotations

from typing import Final

LANES: Final = """
- id: look
  kind: manual
  title: Confirm that {inputs.host} is gone
  role: ops
  due: 15m
  instructions: |
    Ask two sources:

    - the console
    - **somebody in the data centre**
  evidence: {note: true}
- id: scope
  kind: verify
  title: Look whether it answers on port 443
  role: ops
  needs: [look]
  timeout: 1m
  call: {action: check, with: {host: localhost, port: 443}}
- id: choose
  kind: decision
  title: Restore, or rebuild?
  role: sec
  needs: [scope]
  decision:
    question: Is the newest backup usable?
    options: [{key: restore, title: Restore the backup}, {key: rebuild, title: Rebuild from nothing}]
- id: agree
  kind: approval
  title: Two people agree that the disk is overwritten
  needs: [choose]
  when: steps.choose.choice == "restore"
  approval:
    roles: [ops, sec]
    count: 2
    destructive: true
    expires: 30m
    of: The disk of {inputs.host} is overwritten.
- id: restore
  kind: automation
  title: Restore the newest backup onto the disk
  lane: web
  needs: [agree]
  when: steps.choose.choice == "restore"
  destructive: true
  point_of_no_return: true
  timeout: 1h
  retry: {times: 2, wait: 30s}
  call: {action: check, with: {host: localhost, port: 443}}
- id: rebuild
  kind: manual
  title: Rebuild from nothing and copy the sites over by hand
  lane: web
  needs: [choose]
  when: steps.choose.choice == "rebuild"
- id: tell
  kind: status_update
  title: Tell the customers
  role: sec
  needs: [look]
  update:
    name: Outage of {inputs.host}
    stage: investigating
    texts: {en: "We are looking into it.", de: "Wir sehen uns das an."}
- id: stop
  kind: pause_point
  title: Stop and confirm
  role: ops
  needs: [restore, rebuild, tell]
  lines:
    - {text: The site answers, must: true}
    - {text: Customers were told}
    - {text: Nobody is still working on it}
- id: calm
  kind: wait
  title: Watch it for half an hour
  needs: [stop]
  wait: {time: 30m}
- id: finish
  kind: end
  title: Done
  needs: [calm]
"""
