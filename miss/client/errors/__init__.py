"""What the client refuses, by name.

    ClientError
    ├── StoreError: StoreNewer, StoreInUse, WrongStoreKey, StoreKeyUnsafe, StoreDamaged, StoreHasNoDevice,
    │               StoreHasDevice, StoreWiped, DeviceLocked
    ├── IdentityError: RootMismatch, ChainWithdrawn, CertifiedIdentityMismatch, UserKeyWithheld, UserKeyForged,
    │                  ContactReset, RestorationWithdrawn, RestorationForked, RollbackNotCovered
    ├── EnrolmentError: PairingExpired, PairingTaken, PairingRefused, PairingOutdated,
    │                   TooManyDevices, RecoveryKeyMissing, RecoveryKeyExists, RecoverySecretMistyped, RecoveryNotProven
    ├── PhotoError: PhotoTooLarge, PhotoTooManyPixels, PhotoNotSupported, PhotoDamaged
    ├── FileError: FileTooLarge, FileNotSupported, FileDamaged
    ├── NotInConversation, UnknownConversation, UnknownMessage, NotReachable, NoAttachment, MessageReplayed,
    │   MessageNotProvable, MessageWithheld, MessageGone, NotYourMessage, NotAnEmoji, NotAMember, NoAlarm, LastAdmin,
    │   RemovedMemberBack
    ├── ServerRefused        the server's own named refusal: its code and its sentence
    ├── ServerUnreachable    no answer: try again; DeletionsWithoutEnd: one too many
    │   ├── ServerNotTrusted, ServerMisnamed, ServerCertificateOutOfDate    something else answers in its place
    │   └── ProxyWantsPassword
    └── DeviceRefused        the server does not accept this device any more; ClientClosed: `async with` is over

What the protocol refuses (signatures, keys, shapes) keeps its own names: `miss.protocol.errors`.
"""

from miss.client.errors.base import ClientError
from miss.client.errors.conversations import (
    LastAdmin,
    MessageGone,
    MessageNotProvable,
    MessageReplayed,
    MessageWithheld,
    NoAlarm,
    NoAttachment,
    NotAMember,
    NotAnEmoji,
    NotInConversation,
    NotReachable,
    NotYourMessage,
    RemovedMemberBack,
    UnknownConversation,
    UnknownMessage,
)
from miss.client.errors.enrolment import (
    EnrolmentError,
    PairingExpired,
    PairingOutdated,
    PairingRefused,
    PairingTaken,
    RecoveryKeyExists,
    RecoveryKeyMissing,
    RecoveryNotProven,
    RecoverySecretMistyped,
    TooManyDevices,
)
from miss.client.errors.files import FileDamaged, FileError, FileNotSupported, FileTooLarge
from miss.client.errors.identity import (
    CertifiedIdentityMismatch,
    ChainWithdrawn,
    ContactReset,
    IdentityError,
    RestorationForked,
    RestorationWithdrawn,
    RollbackNotCovered,
    RootMismatch,
    UserKeyForged,
    UserKeyWithheld,
)
from miss.client.errors.photo import PhotoDamaged, PhotoError, PhotoNotSupported, PhotoTooLarge, PhotoTooManyPixels
from miss.client.errors.server import (
    ClientClosed,
    DeletionsWithoutEnd,
    DeviceRefused,
    ProxyWantsPassword,
    ServerCertificateOutOfDate,
    ServerMisnamed,
    ServerNotTrusted,
    ServerRefused,
    ServerUnreachable,
)
from miss.client.errors.store import (
    DeviceLocked,
    StoreDamaged,
    StoreError,
    StoreHasDevice,
    StoreHasNoDevice,
    StoreInUse,
    StoreKeyUnsafe,
    StoreNewer,
    StoreWiped,
    WrongStoreKey,
)

__all__ = [
    "CertifiedIdentityMismatch",
    "ChainWithdrawn",
    "ClientClosed",
    "ClientError",
    "ContactReset",
    "DeletionsWithoutEnd",
    "DeviceLocked",
    "DeviceRefused",
    "EnrolmentError",
    "FileDamaged",
    "FileError",
    "FileNotSupported",
    "FileTooLarge",
    "IdentityError",
    "LastAdmin",
    "MessageGone",
    "MessageNotProvable",
    "MessageReplayed",
    "MessageWithheld",
    "NoAlarm",
    "NoAttachment",
    "NotAMember",
    "NotAnEmoji",
    "NotInConversation",
    "NotReachable",
    "NotYourMessage",
    "PairingExpired",
    "PairingOutdated",
    "PairingRefused",
    "PairingTaken",
    "PhotoDamaged",
    "PhotoError",
    "PhotoNotSupported",
    "PhotoTooLarge",
    "PhotoTooManyPixels",
    "ProxyWantsPassword",
    "RecoveryKeyExists",
    "RecoveryKeyMissing",
    "RecoveryNotProven",
    "RecoverySecretMistyped",
    "RemovedMemberBack",
    "RestorationForked",
    "RestorationWithdrawn",
    "RollbackNotCovered",
    "RootMismatch",
    "ServerCertificateOutOfDate",
    "ServerMisnamed",
    "ServerNotTrusted",
    "ServerRefused",
    "ServerUnreachable",
    "StoreDamaged",
    "StoreError",
    "StoreHasDevice",
    "StoreHasNoDevice",
    "StoreInUse",
    "StoreKeyUnsafe",
    "StoreNewer",
    "StoreWiped",
    "TooManyDevices",
    "UnknownConversation",
    "UnknownMessage",
    "UserKeyForged",
    "UserKeyWithheld",
    "WrongStoreKey",
]
