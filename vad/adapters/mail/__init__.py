"""Mail: a notice made into a message, and the server that takes it. Its words are `vad.domain.notice_words`."""
