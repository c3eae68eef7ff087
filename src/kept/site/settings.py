"""Django's settings. What can be changed comes from the environment; see docs/reference/settings.md."""

from csp.constants import NONE, SELF

from kept.site import environment
from kept.terms.host import is_here

DATA = environment.data_folder()
DEMO = environment.flag("KEPT_DEMO")
TESTING = environment.flag("KEPT_TESTING")
HOST = environment.text("KEPT_HOST", "localhost")
PORT = environment.whole_number("KEPT_PORT", 8000, 1, 65535)
HTTPS = environment.flag("KEPT_HTTPS", default=not is_here(HOST))
SITE_URL = f"{'https' if HTTPS else 'http'}://{HOST}" + ("" if HTTPS else f":{PORT}")

SECRET_KEY = environment.secret_key(DATA)
SECRET_KEY_FILE = environment.secret_key_file(DATA)
# What seals everything sensitive in the store: one of these three (docs/reference/settings.md).
MASTER_KEY = environment.text("KEPT_MASTER_KEY")
MASTER_KEY_COMMAND = environment.text("KEPT_MASTER_KEY_COMMAND")
MASTER_KEY_FILE = environment.text("KEPT_MASTER_KEY_FILE", str(DATA / "master-key"))
# Backups: where they are written, and how often that happens by itself
BACKUPS = environment.text("KEPT_BACKUPS", str(DATA / "backups"))
BACKUP_HOURS = environment.whole_number("KEPT_BACKUP_HOURS", 24, 0, 24 * 7)
DEBUG = False
ALLOWED_HOSTS = [HOST, "localhost", "127.0.0.1", "[::1]"] if is_here(HOST) else [HOST]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# The policy that runs: a folder of kept/policies, or the full path of one's own. It names the company of this site
POLICY = environment.text("KEPT_POLICY", "hansoken-cloud")
COMPANY, CONTACT = environment.company_of(POLICY)
CONTACT = environment.text("KEPT_MAIL_FROM", CONTACT)
# What we are called in the Data Rights Protocol's directory of businesses
DRP_BUSINESS = environment.text("KEPT_DRP_BUSINESS", environment.directory_id(COMPANY))

DATABASES = {"default": environment.database(DATA)}

INSTALLED_APPS = [
    "kept.rights",
    "kept.rights.redaction",
    "kept.rights.exemptions",
    "kept.rights.righting",
    "kept.rights.alerts",
    "kept.rights.mandates",
    "kept.rights.timing",
    "kept.rights.preserved",
    "kept.rights.recipients",
    "kept.rights.refusals",
    "kept.complaints",
    "kept.rights.api",
    "kept.rights.automated",
    "kept.rights.messages",
    "kept.rights.reach",
    "kept.rights.portability",
    "kept.rights.drp",
    "kept.rights.stopping",
    "kept.rights.proof",
    "kept.collection",
    "kept.collection.letters",
    "kept.collection.calls",
    "kept.information",
    "kept.use",
    "kept.people",
    "kept.policy",
    "kept.security",
    "kept.security.vault",
    "kept.security.backup",
    "kept.post",
    "kept.vault",
    "kept.work",
    "kept.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kept.site.middleware.Headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "kept.rights.api.door.ApiDoor",
    "kept.rights.drp.door.DrpDoor",
    "kept.site.middleware.PackPages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kept.people.middleware.Browsers",
    "kept.people.limits.Limits",
    "kept.people.middleware.StaffSecondFactor",
    "kept.people.middleware.OneTransaction",
]

ROOT_URLCONF = "kept.site.urls"
WSGI_APPLICATION = "kept.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kept.site.context.site",
            ],
        },
    }
]

FORM_RENDERER = "kept.site.forms.Renderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # messages name addresses: not in a cookie

# Accounts
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "kept.people.passwords.NotPredictable"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8}
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.flag("KEPT_BEHIND_PROXY"))
ACCOUNT_ADAPTER = "kept.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "kept.people.access.display_name"
ACCOUNT_SESSION_REMEMBER = False  # closing the browser signs out
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
# No SUPPORTS_CHANGE: it is offered only for addresses that have no account, and so tells which have one.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "add_email": "kept.people.forms.AddressForm",
    "change_password": "kept.people.forms.ChangePasswordForm",
    "confirm_email_verification_code": "kept.people.forms.AddressCodeForm",
    "confirm_password_reset_code": "kept.people.forms.ResetCodeForm",
    "login": "kept.people.forms.SignInForm",
    "reauthenticate": "kept.people.forms.PasswordAgainForm",
    "reset_password": "kept.people.forms.ForgottenPasswordForm",
    "reset_password_from_key": "kept.people.forms.NewPasswordForm",
    "set_password": "kept.people.forms.SetPasswordForm",
    "signup": "kept.people.forms.SignUpForm",
}
MFA_ADAPTER = "kept.people.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = COMPANY
MFA_TOTP_TOLERANCE = 1  # one code before and after: clocks of telephones differ
MFA_FORMS = {
    "activate_totp": "kept.people.forms.AddAppForm",
    "add_webauthn": "kept.people.forms.AddPasskeyForm",
    "authenticate": "kept.people.forms.SecondStepForm",
    "edit_webauthn": "kept.people.forms.RenamePasskeyForm",
    "reauthenticate": "kept.people.forms.SecondStepAgainForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "client_area"
LOGOUT_REDIRECT_URL = "home"

# Security
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("KEPT_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "kept.people.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "kept_session"
CSRF_COOKIE_NAME = "kept_csrf"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        **({"upgrade-insecure-requests": True} if HTTPS else {}),
    }
}
CACHES = {
    "default": {"BACKEND": "kept.security.tries.StoreCache"},  # in the store: allauth counts tries in it
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # what may differ between processes
}
LIFTING_DAYS = environment.whole_number("KEPT_LIFTING_DAYS", 7, 1, 90)  # told before a restriction ends
STEP_UP_MINUTES = environment.whole_number("KEPT_STEP_UP_MINUTES", 10, 1, 240)
TWO_PERSONS = environment.chosen("KEPT_TWO_PERSONS", ("erasure", "staff", "breach"))  # kept.security.approvals
READS_MANY = environment.whole_number("KEPT_READS_MANY", 30, 2, 10_000)  # people in READS_MINUTES: more is unusual
READS_MINUTES = environment.whole_number("KEPT_READS_MINUTES", 60, 1, 24 * 60)
PORTABILITY_IN = environment.flag(
    "KEPT_PORTABILITY_IN", default=DEMO
)  # whether other sites may send people's data here
PORTABILITY_MOST = environment.whole_number("KEPT_PORTABILITY_MOST_MB", 50, 1, 1_000) * 1_000_000  # bytes of a package
FETCH_ALLOWED = environment.words("KEPT_FETCH_ALLOWED")  # "host:port" inside the company: kept.security.fetch
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail: every message is written to the outbox in the action's transaction; `post` delivers it.
EMAIL_BACKEND = "kept.post.backend.OutboxBackend"
DEFAULT_FROM_EMAIL = CONTACT
SMTP_URL = environment.text("KEPT_SMTP_URL")
# Mail that comes in: see docs/how-to/receive-mail.md
MAILBOXES = environment.words("KEPT_MAILBOXES", ",".join(environment.contacts_of(POLICY)))
MAIL_AUTHSERV = environment.text("KEPT_MAIL_AUTHSERV").lower()  # whose Authentication-Results are believed
MAIL_DNS = environment.text("KEPT_MAIL_DNS", "off" if TESTING else "")  # "": the machine's own name server
IMAP_URL = environment.text("KEPT_IMAP_URL")  # imaps://name:password@host/INBOX; "": nothing is fetched
MAIL_LISTEN = environment.text("KEPT_MAIL_LISTEN")  # lmtp://127.0.0.1:2424 or smtp://…; "": nothing listens

# Ledger: who signs it
LEDGER_KEY_FILE = environment.text("KEPT_LEDGER_KEY_FILE")  # "": `ledger-key` in the data folder
TIMESTAMP_URL = environment.text("KEPT_TIMESTAMP_URL")  # RFC 3161; "": nobody is asked
TIMESTAMP_CERTIFICATES = environment.text("KEPT_TIMESTAMP_CERTIFICATES")  # a PEM file: the authorities to trust
WITNESS_URL = environment.text("KEPT_WITNESS_URL")  # C2SP tlog-witness; "": nobody is asked
WITNESS_KEY = environment.text("KEPT_WITNESS_KEY")

# Words, time
LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 24 * 3600  # the `asset` tag puts the content's digest into the address

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = "kept.site.logs.configure"
LOGGING = {"level": environment.text("KEPT_LOG_LEVEL", "INFO")}
