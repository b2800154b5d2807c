"""`vad demo`: VAD with its whole neighbourhood on one machine.

`command` is the command line and `runner` the order of things: `layout` gives ports and addresses, `state` the folder
and its lock, `keys` the keys made once, `configuration` what VAD reads, `programs` what runs, `description` what people
and programs are told of it, and `check` the walk through the main job. The servers and programs themselves are in
`vad.sandbox`.
"""
