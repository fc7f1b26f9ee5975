"""What this room refuses."""

from miss.base.errors import BadInput, Conflict, NotFound, TooMany
from miss.base.text import Text


class PushOff(Conflict):
    """The operator names no push service."""

    code = "push_off"
    text = Text(
        fr="Ce serveur n’envoie pas de notifications aux appareils fermés : l’exploitant ne l’a pas activé.",
        en="This server sends no notifications to closed devices: its operator has not turned them on.",
    )


class PushServiceRefused(BadInput):
    """The browser's push service is not among those that the operator allows, or is no public address."""

    code = "push_service_refused"
    text = Text(
        fr="Ce navigateur reçoit ses notifications par {host}, que l’exploitant de ce serveur n’autorise pas. "
        "Utilisez un autre navigateur, ou écrivez à l’assistance.",
        en="This browser receives its notifications through {host}, which the operator of this server does not allow. "
        "Use another browser, or write to support.",
    )


class PushKeysMalformed(BadInput):
    """What the browser gave is no P-256 point and 16 bytes."""

    code = "push_keys_malformed"
    text = Text(
        fr="Les clés de notification de ce navigateur sont illisibles. Désactivez les notifications, puis "
        "réactivez-les.",
        en="The notification keys of this browser cannot be read. Turn notifications off, then on again.",
    )


class PushKeyFormer(Conflict):
    """The subscription is bound to another key than the server's current one; the client subscribes anew."""

    code = "push_key_former"
    text = Text(
        fr="Les clés du serveur ont changé. Désactivez les notifications, puis réactivez-les.",
        en="The server's keys have changed. Turn notifications off, then on again.",
    )


class PushNotRegistered(NotFound):
    """No subscription of this device is known."""

    code = "push_not_registered"
    text = Text(
        fr="Les notifications ne sont plus actives sur cet appareil. Réactivez-les.",
        en="Notifications are no longer on for this device. Turn them on again.",
    )


class PushTestTooSoon(TooMany):
    """Tests follow one another too quickly."""

    code = "push_test_too_soon"
    text = Text(
        fr="Un essai vient d’être fait. Recommencez dans {retry_after_s} s.",
        en="A test was just made. Try again in {retry_after_s} s.",
    )
