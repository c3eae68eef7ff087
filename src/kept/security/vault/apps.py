from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SecurityVaultConfig(AppConfig):
    """Acts on keys, and looks at what is sealed. The keys themselves: `kept.vault`."""

    name = "kept.security.vault"
    label = "security_vault"

    def ready(self) -> None:
        autodiscover_modules("canaries")  # what each room plants, to be looked for in clear
