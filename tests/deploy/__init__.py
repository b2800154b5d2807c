"""The files that bring VAD into containers: linted, compared with the code, and their steps rehearsed outside one."""
