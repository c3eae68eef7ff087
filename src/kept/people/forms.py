"""Account forms: allauth's, with our words and no placeholders."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import MaxLengthValidator

PHRASE_HINT = "At least 15 characters. A few words that do not belong together are easy to remember."
CODE_HINT = "8 digits, like 1234-5678."
NOT_LONGER = MaxLengthValidator(254, "This has %(show_value)d characters. Use at most %(limit_value)d.")
Words = dict[str, tuple[str, str]]  # field name: label, hint


class InOurWords(forms.BaseForm):
    """Labels and hints from `words`; what a label says is not repeated inside the box."""

    words: ClassVar[Words] = {}
    dropped: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name in self.dropped:
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):  # allauth's allows more than the store holds
                others = [rule for rule in field.validators if not isinstance(rule, MaxLengthValidator)]
                field.validators = [*others, NOT_LONGER]
            if name in self.words:
                field.label, field.help_text = self.words[name]
            if field.widget.attrs.get("autocomplete") == "one-time-code":
                field.widget.attrs |= {"class": "short", "spellcheck": "false", "autocapitalize": "none"}


class SignInForm(InOurWords, account.LoginForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"login": ("E-mail address", ""), "password": ("Password", "")}


class SignUpForm(InOurWords, account.SignupForm):  # type: ignore[misc]
    words: ClassVar[Words] = {
        "email": ("E-mail address", "We send a code there, to see that it is yours."),
        "password1": ("Choose a password", PHRASE_HINT),
    }


class AddressForm(InOurWords, account.AddEmailForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"email": ("New e-mail address", "We send a code there, to see that it is yours.")}


class AddressCodeForm(InOurWords, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"code": ("Code from the mail", CODE_HINT)}


class ChangePasswordForm(InOurWords, account.ChangePasswordForm):  # type: ignore[misc]
    dropped = ("password2",)
    words: ClassVar[Words] = {"oldpassword": ("Current password", ""), "password1": ("New password", PHRASE_HINT)}


class SetPasswordForm(InOurWords, account.SetPasswordForm):  # type: ignore[misc]
    dropped = ("password2",)
    words: ClassVar[Words] = {"password1": ("Choose a password", PHRASE_HINT)}


class ForgottenPasswordForm(InOurWords, account.ResetPasswordForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"email": ("E-mail address", "The address you sign in with.")}


class ResetCodeForm(InOurWords, account.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"code": ("Code from the mail", CODE_HINT)}


class NewPasswordForm(InOurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    dropped = ("password2",)
    words: ClassVar[Words] = {"password1": ("New password", PHRASE_HINT)}


class PasswordAgainForm(InOurWords, account.ReauthenticateForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"password": ("Password", "")}


class SecondStepForm(InOurWords, second_step.AuthenticateForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"code": ("Code from your app", "6 digits. Or one of your recovery codes.")}


class SecondStepAgainForm(InOurWords, second_step.ReauthenticateForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"code": ("Code from your app", "6 digits. Or one of your recovery codes.")}


class AddAppForm(InOurWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"code": ("Code the app shows now", "6 digits.")}


class AddPasskeyForm(InOurWords, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    words: ClassVar[Words] = {
        "name": ("Name of this passkey", "For you, to tell it from others: My phone, Blue key."),
        "passwordless": ("Sign in with this passkey alone, without my password", ""),
    }


class RenamePasskeyForm(InOurWords, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    words: ClassVar[Words] = {"name": ("Name of this passkey", "")}


class NameForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        help_text="As we should write it in mails and letters.",
        max_length=200,
        label_suffix="",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
