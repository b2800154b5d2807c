"""What the naive server keeps: a table for each thing, made of Authlib's mixins, as its documentation shows."""

from typing import Any

from authlib.integrations.sqla_oauth2 import OAuth2AuthorizationCodeMixin, OAuth2ClientMixin, OAuth2TokenMixin
from sqlalchemy import Column, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Model(DeclarativeBase):
    """All of them."""


class User(Model):
    """A person."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    age: Mapped[int]
    bsn: Mapped[str]

    def get_user_id(self) -> int:
        return self.id


class Client(Model, OAuth2ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """An app."""

    __tablename__ = "clients"
    id: Mapped[int] = mapped_column(primary_key=True)


class Consent(Model):
    """What a person allowed an app."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(48))
    scope: Mapped[str]


class Code(Model, OAuth2AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code."""

    __tablename__ = "codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


class Token(Model, OAuth2TokenMixin):  # type: ignore[misc]
    """An access token and its refresh token."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    access_token: Any = Column(Text, unique=True, nullable=False)
    """Longer than Authlib's own column: one of them is a JWT."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


class UsedAssertion(Model):
    """A client assertion that was used up."""

    __tablename__ = "used_assertions"
    jti: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[int] = mapped_column(Integer)
