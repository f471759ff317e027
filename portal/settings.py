"""All settings of the portal, from the environment (README, "Settings")."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
VAR.mkdir(exist_ok=True)

env = environ.Env()

DEBUG = environment.read_flag(env, "DEBUG", default="1")
SECRET_KEY = environment.secret_key(env, VAR, debug=DEBUG)
# Keys from before a change: what was signed or encrypted with them stays good.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = environment.allowed_hosts(env, debug=DEBUG)
# Where people reach the portal: links in mails start with it, and https:// turns on all that needs TLS.
SITE_URL = environment.site_url(env, ALLOWED_HOSTS, debug=DEBUG)
HTTPS = SITE_URL.startswith("https://")
# Whether only this machine is served, as in development and in the demo.
LOCAL = not environment.strangers(ALLOWED_HOSTS)
# Sign-in through an OpenID Connect provider (extra `sso`); without its address there is none.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")

INSTALLED_APPS = [
    "offices",
    "recommendations",
    "jiu",
    "assistance",
    "surveys",
    "publications",
    "notices",
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    *(["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"] if OIDC_SERVER_URL else []),
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "import_export",
    "js_lib_bootstrap5",
    "lucide",
    "simple_history",
]

MIDDLEWARE = [
    "portal.middleware.error_pages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.private_pages",
    "portal.middleware.no_null_characters",
    "portal.middleware.after_answers",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.middleware.second_factors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.whole_pages",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.navigation.navigation",
            ],
            "builtins": ["lucide.templatetags.lucide", "portal.templatetags.portal"],
        },
    },
]

DATABASES = {"default": environment.database(env, VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Room for what the limits on sign-in count; the cache is to be one that all processes share.
CACHES = {"default": {**env.cache_url("CACHE_URL", default="locmemcache://"), "max_entries": 20_000}}
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# What is left until an answer is out is done in a thread (`portal.middleware`).
WORK_IN_THREADS = True
# A mail server that hangs must not hold a sender for ever.
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

# People

AUTH_USER_MODEL = "offices.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "offices.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "offices.accounts.forms.ResetPasswordForm"}
# `offices.accounts.limits` counts what fails, and the mails to one account. Limits by address would keep an owner out
# who shares it with whoever guesses; second steps, which need the password first, have one by account.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    "reset_password": None,
    "reset_password_from_key": None,
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# An address that nobody has gets no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Proxies that stand before the portal and add to X-Forwarded-For, which nobody else can be believed to tell.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# Whether secretariat and administrators can do nothing before they have set up a second factor.
MFA_REQUIRED = environment.read_flag(env, "MFA_REQUIRED", default="0" if LOCAL else "1")
MFA_ADAPTER = "offices.accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "offices.accounts.forms.AuthenticateForm",
    "reauthenticate": "offices.accounts.forms.ReauthenticateForm",
    "add_webauthn": "offices.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "offices.accounts.forms.PasskeyForm",
    "login_webauthn": "offices.accounts.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "offices.accounts.forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey cannot be guessed; a limit by address would keep out whoever shares it with somebody who tries.
MFA_RATE_LIMITS = {"webauthn_login": None}
MFA_TOTP_ISSUER = "Recommendations portal"
# A clock may be wrong by half a minute.
MFA_TOTP_TOLERANCE = 1
# Nobody signs up under the address of another: addresses are given by those who invite.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

if OIDC_SERVER_URL:
    SOCIALACCOUNT_ADAPTER = "offices.accounts.sso.SocialAccountAdapter"
    # By the address that the provider has verified, anew each time: no account is tied to another for good.
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    # A link, since the policy's `form-action` refuses a form that leads to the provider.
    SOCIALACCOUNT_LOGIN_ON_GET = True
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": env.str("OIDC_NAME", default="OpenID Connect"),
                    "client_id": env.str("OIDC_CLIENT_ID"),
                    "secret": env.str("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_SERVER_URL},
                }
            ],
        }
    }

# Languages and times

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Zurich")

# Static files

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
# A proxy that ends TLS tells so in this header, and must strip it from what clients send.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

# A round of 200 recommendations asks one level and one comment each; a form takes up to nine bytes for a character.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
