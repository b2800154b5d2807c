"""The pages people see, one file per page. Words live in `vad/web/translations`, the rules in `vad.domain`."""
