"""What the product promises about speed and memory, measured on a product started for it: `bin/bench [NAME]`.

Every figure is a median of interleaved runs with its ratio to a floor measured in the same run, because machines
drift. One clock tells all times: this machine's, read by this process and by the simulator.
"""
