"""Addresses of runs."""

from django.urls import path

from eap.views import run_moves, runs

RUN = "runs/<uuid:run_id>/"
STEP = f"{RUN}steps/<str:step_key>/"

urlpatterns = [
    path("plans/<slug:plan_key>/run/", runs.run_start, name="run_start"),
    path("runs/", runs.runs, name="runs"),
    path(RUN, runs.run, name="run"),
    path(f"{RUN}picture/", runs.run_picture, name="run_picture"),
    path(f"{RUN}log/", runs.run_log, name="run_log"),
    path(f"{RUN}evidence/<int:evidence_id>/", runs.run_evidence, name="run_evidence"),
    path(f"{RUN}pause", run_moves.run_pause, name="run_pause"),
    path(f"{RUN}resume", run_moves.run_resume, name="run_resume"),
    path(f"{RUN}stop", run_moves.run_stop, name="run_stop"),
    path(f"{RUN}undo", run_moves.run_undo, name="run_undo"),
    path(f"{RUN}add-step", run_moves.run_add_step, name="run_add_step"),
    path(STEP, runs.run_step, name="run_step"),
    path(f"{STEP}start", run_moves.step_start, name="step_start"),
    path(f"{STEP}complete", run_moves.step_complete, name="step_complete"),
    path(f"{STEP}evidence", run_moves.step_evidence, name="step_evidence"),
    path(f"{STEP}skip", run_moves.step_skip, name="step_skip"),
    path(f"{STEP}fail", run_moves.step_fail, name="step_fail"),
    path(f"{STEP}reassign", run_moves.step_reassign, name="step_reassign"),
    path(f"{STEP}answer", run_moves.step_answer, name="step_answer"),
    path(f"{STEP}choose", run_moves.step_choose, name="step_choose"),
    path(f"{STEP}vote", run_moves.step_vote, name="step_vote"),
    path(f"{STEP}retry", run_moves.step_retry, name="step_retry"),
    path(f"{STEP}settle", run_moves.step_settle, name="step_settle"),
]
