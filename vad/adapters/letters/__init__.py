"""Letters: a notice set on paper, and the service that prints and posts it. Its words are `vad.domain.notice_words`."""
