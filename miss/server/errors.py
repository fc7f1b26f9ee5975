"""What the front of the house may refuse."""

from miss.base.errors import BadInput, Forbidden, MissError, NotAuthenticated, TooLarge, TooMany
from miss.base.text import Text


class SignInNeeded(NotAuthenticated):
    """A page for signed-in people."""

    code = "sign_in_needed"
    text = Text(fr="Connectez-vous pour voir cette page.", en="Sign in to see this page.")


class SecondFactorNeeded(Forbidden):
    """The house asks for a second factor, and this person has none yet."""

    code = "second_factor_needed"
    text = Text(
        fr="Cette plateforme demande un second facteur. Ajoutez-en un depuis « Sécurité » pour continuer.",
        en="This platform asks for a second factor. Add one under “Security” to go on.",
    )


class AgreementsNeeded(Forbidden):
    """A text that this person agreed to has changed since."""

    code = "agreements_needed"
    text = Text(
        fr="La charte ou les conditions générales sont nouvelles ou ont changé. Lisez-les et acceptez-les pour "
        "continuer.",
        en="The charter or the general conditions are new or have changed. Read and accept them to go on.",
    )


class StepUpNeeded(Forbidden):
    """A sensitive act: who is signed in proves again who they are."""

    code = "step_up_needed"
    text = Text(
        fr="Cette action est sensible : confirmez d’abord votre identité.",
        en="This is a sensitive act: confirm your identity first.",
    )


class NoEntry(Forbidden):
    """A page about one's entry in the directory, asked for by a staff person, who has none."""

    code = "no_entry"
    text = Text(
        fr="Cette page concerne une fiche de l’annuaire : votre compte n’en a pas, puisque vous agissez pour d’autres. "
        "Revenez à « Mon compte ».",
        en="This page is about an entry in the directory: your account has none, as you act for others. Go back to “My "
        "account”.",
    )


class NotYourRole(Forbidden):
    """A page for people with another role."""

    code = "not_your_role"
    text = Text(
        fr="Cette page est réservée à d’autres rôles que les vôtres. Si vous en avez besoin, demandez-le à "
        "l’administrateur de votre établissement ou à l’assistance.",
        en="This page is for other roles than yours. If you need it, ask the administrator of your establishment, or "
        "support.",
    )


class ForeignOrigin(Forbidden):
    """A form was sent from another site, or by a browser that does not say from where."""

    code = "foreign_origin"
    text = Text(
        fr="Cette demande ne vient pas de nos pages ; elle n'a pas été exécutée. Revenez à l'accueil et recommencez.",
        en="This request does not come from our pages and was not carried out. Go back to the home page and try again.",
    )


class PasswordsDiffer(BadInput):
    """The two copies of a new password are not the same."""

    code = "passwords_differ"
    text = Text(fr="Les deux mots de passe ne sont pas identiques.", en="The two passwords are not the same.")


class DateUnreadable(BadInput):
    """Not a day of the calendar."""

    code = "date_unreadable"
    text = Text(
        fr="Cette date n’est pas lisible. Choisissez-la dans le calendrier, ou écrivez-la ainsi : 2026-12-31.",
        en="This date cannot be read. Choose it in the calendar, or write it like this: 2026-12-31.",
    )


class ChoiceUnknown(BadInput):
    """None of what the form offers."""

    code = "choice_unknown"
    text = Text(
        fr="Choisissez l’une des réponses proposées, puis recommencez.",
        en="Choose one of the answers offered, then try again.",
    )


class TooManyAttempts(TooMany):
    """Too many sign-ins and activations from one address; the next one is possible in `retry_after_s` seconds."""

    code = "too_many_attempts"
    text = Text(
        fr="Trop de connexions et d'activations ont été tentées depuis votre réseau. Réessayez dans {retry_after_s} "
        "secondes ; si cela dure, prévenez votre service informatique.",
        en="Too many sign-ins and activations were tried from your network. Try again in {retry_after_s} seconds; if "
        "this goes on, tell your IT department.",
    )


class ScriptSentTooMuch(TooLarge):
    """More than a page's script ever sends."""

    code = "script_sent_too_much"
    text = Text(
        fr="Cet envoi est trop volumineux : {maximum} octets au plus.",
        en="This is too large: at most {maximum} bytes.",
    )


class UploadTooLarge(TooLarge):
    """A form with more than its page ever sends; the rest of it was not read."""

    code = "upload_too_large"
    text = Text(
        fr="Cet envoi dépasse {limit_mb} Mo : rien n’a été gardé. Envoyez un fichier plus petit.",
        en="This is over {limit_mb} MB: nothing was kept. Send a smaller file.",
    )


class UploadUnreadable(BadInput):
    """A form that is none, or with more fields than any of ours."""

    code = "upload_unreadable"
    text = Text(
        fr="Ce formulaire n’a pas pu être lu ; rien n’a été gardé. Revenez à la page et recommencez.",
        en="This form could not be read; nothing was kept. Go back to the page and try again.",
    )


class TooManySignUps(TooMany):
    """Too many sign-ups, look-ups or documents from one address, or mails to one."""

    code = "too_many_sign_ups"
    text = Text(
        fr="Trop de demandes depuis votre réseau ou pour cette adresse. Réessayez dans {retry_after_s} secondes, ou "
        "contactez l’assistance.",
        en="Too many requests from your network or for this address. Try again in {retry_after_s} seconds, or contact "
        "support.",
    )


class PortTaken(MissError):
    """Another program listens there."""

    code = "port_taken"
    text = Text(
        fr="Le port {port} ({what}) est déjà pris par un autre programme. Arrêtez-le, ou choisissez un autre port "
        "avec {setting}.",
        en="Port {port} ({what}) is taken by another program. Stop it, or choose another port with {setting}.",
    )


class SecretUnreadable(MissError):
    """A setting names a file that is not there, or not for this process to read."""

    code = "secret_unreadable"
    text = Text(
        fr="Le fichier {file} ne peut pas être lu. Vérifiez son nom et ses droits.",
        en="The file {file} cannot be read. Check its name and its mode.",
    )


class SettingsFileMissing(MissError):
    """MISS_ENV_FILE names a file that is not there: without it every setting would have its default, silently."""

    code = "settings_file_missing"
    text = Text(
        fr="Le fichier de réglages {file} (MISS_ENV_FILE) ne peut pas être lu. Rien n’a été démarré : vérifiez son nom "
        "et ses droits.",
        en="The file of settings {file} (MISS_ENV_FILE) cannot be read. Nothing was started: check its name and its "
        "mode.",
    )


class FolderNotWritable(MissError):
    """A folder that the server has to write in: a disk mounted read-only, or somebody else's folder."""

    code = "folder_not_writable"
    text = Text(
        fr="{folder} ne peut pas être écrit. Rien n’a changé : remontez le disque en écriture, ou rendez le dossier au "
        "compte du service (chown), puis redémarrez.",
        en="{folder} cannot be written to. Nothing has changed: mount the disk for writing, or give the folder to the "
        "account of the service (chown), then start again.",
    )


class OperatorKeysLost(MissError):
    """The databases have been at work and the operator's keys are gone: every client would refuse new ones."""

    code = "operator_keys_lost"
    text = Text(
        fr="Les clés de l’opérateur ne sont pas dans {folder}, alors que cette base a déjà servi. Rien n’a été écrit : "
        "remettez ce dossier depuis la sauvegarde des clés (« miss backup restore --to DOSSIER », puis keys/operator).",
        en="The operator's keys are not in {folder}, though this database has been at work. Nothing was written: put "
        "that folder back from the backup of the keys (“miss backup restore --to FOLDER”, then keys/operator).",
    )


class ClockBehind(MissError):
    """This machine's clock is earlier than the last entry of the access log."""

    code = "clock_behind"
    text = Text(
        fr="L’horloge de cette machine retarde de {minutes} min sur la dernière entrée du journal des accès. Rien n’a "
        "été écrit : réglez-la (chrony), puis redémarrez. Si c’est elle qui est juste, lancez une fois « miss serve "
        "--clock-is-right ».",
        en="The clock of this machine is {minutes} min behind the last entry of the access log. Nothing was written: "
        "set it (chrony), then start again. If it is the clock that is right, run “miss serve --clock-is-right” once.",
    )


class ClocksDiffer(MissError):
    """This machine and the database's do not agree what time it is."""

    code = "clocks_differ"
    text = Text(
        fr="L’horloge de cette machine et celle du serveur PostgreSQL diffèrent de {minutes} min. Rien n’a été écrit : "
        "réglez les deux (chrony), puis redémarrez.",
        en="The clocks of this machine and of the PostgreSQL server differ by {minutes} min. Nothing was written: set "
        "both (chrony), then start again.",
    )


class OutputRefused(MissError):
    """A file that a command was to write cannot be written."""

    code = "output_refused"
    text = Text(
        fr="Le fichier {file} ne peut pas être écrit ({reason}). Vérifiez le dossier, ses droits et la place libre.",
        en="The file {file} cannot be written ({reason}). Check the folder, its mode and the space left.",
    )
