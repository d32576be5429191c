"""What goes wrong between this box and its mail servers, in French, with the mend. Pure.

A technician reads it on the site, with the provider's sheet in hand: key and value, not theory.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final, TypeAlias

from gateway.config import MailboxSettings, RelaySettings
from gateway.system_words import why

Server: TypeAlias = RelaySettings | MailboxSettings

#: What OpenSSL calls a certificate's fault (X509_V_ERR_…, x509_vfy.h).
_EXPIRED: Final = 10
_NOT_YET: Final = 9
_UNKNOWN: Final = frozenset({2, 18, 19, 20, 21})
_OTHER_NAME: Final = frozenset({62, 64})
#: What OpenSSL says where the other end answers in plain text (1.1.1 and 3).
_PLAIN: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_NO_PEM: Final = frozenset({"NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "PEM_LIB"})


class Trouble(Exception):
    """Something does not work: ``said`` is what, ``mend`` what to do about it."""

    def __init__(self, said: str, mend: str) -> None:
        super().__init__(said)
        self.said, self.mend = said, mend


def table(server: Server) -> str:
    """Return the table of the configuration that names this server."""
    return "[mailbox]" if isinstance(server, MailboxSettings) else "[relay]"


def where(server: Server) -> str:
    """Return host and port as they are written."""
    return f"{server.host}:{server.port}"


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, the deepest last."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def explained(error: BaseException, server: Server) -> Trouble:
    """Return what an error of the network, of TLS or of a file means."""
    for one in reversed([*causes(error)]):
        if isinstance(one, ssl.SSLCertVerificationError):
            return certificate(one, server)
        if isinstance(one, ssl.SSLError):
            return _encryption(one, server)
        if isinstance(one, OSError) and one.filename:
            return _file(one, server)
        if isinstance(one, socket.gaierror):
            return _name(one, server)
        if isinstance(one, OSError):
            return _network(one, server)
    return Trouble(f"{where(server)} : {error}", f"vérifiez {table(server)}")


def _name(error: socket.gaierror, server: Server) -> Trouble:
    if error.errno == socket.EAI_AGAIN:
        return Trouble(
            f"le DNS ne répond pas ; « {server.host} » n'a pas pu être cherché",
            "vérifiez le réseau du boîtier (câble, passerelle), puis resolvectl status",
        )
    return Trouble(
        f"« {server.host} » est inconnu du DNS",
        f"vérifiez l'orthographe de {table(server)} host, puis le DNS : resolvectl query "
        f"{server.host}",
    )


def _network(error: OSError, server: Server) -> Trouble:
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            f"{where(server)} refuse la connexion : aucun programme n'y écoute",
            f"vérifiez {table(server)} host et port ({_ports(server)}), et que ce serveur tourne",
        )
    if isinstance(error, TimeoutError):
        return Trouble(f"{where(server)} ne répond pas", _firewall(server))
    if isinstance(error, ConnectionError):
        return Trouble(
            f"{where(server)} a coupé la connexion",
            f"vérifiez que {table(server)} port et tls vont ensemble ({_ports(server)})",
        )
    return Trouble(
        f"{where(server)} ne peut pas être atteint ({why(error)})",
        "vérifiez le réseau du boîtier : câble, passerelle (ip route), pare-feu",
    )


def _ports(server: Server) -> str:
    if isinstance(server, MailboxSettings):
        return '993 avec tls = "implicit", 143 avec "starttls"'
    return '587 avec tls = "starttls", 465 avec "implicit", 25 avec "none" sur place'


def _firewall(server: Server) -> str:
    if server.port == 25:
        return (
            "beaucoup d'opérateurs bloquent le port 25 : essayez [relay] port = 587 et "
            'tls = "starttls" ; sinon, ouvrez le pare-feu'
        )
    return f"ouvrez le port {server.port} en sortie dans le pare-feu, et vérifiez host et port"


def _file(error: OSError, server: Server) -> Trouble:
    key = "ca_file" if str(server.ca_file) == str(error.filename) else "password_file"
    why = "n'existe pas" if isinstance(error, FileNotFoundError) else "ne peut pas être lu d'ici"
    mend = f"corrigez {table(server)} {key}"
    if isinstance(error, PermissionError):
        mend = f"lancez : sudo tocsin mail check ; sinon corrigez les droits de {error.filename}"
    return Trouble(f"{table(server)} {key} : {error.filename} {why}", mend)


def silent(server: Server) -> Trouble:
    """Return what it means that a server takes the connection and says nothing."""
    return Trouble(
        f"{where(server)} accepte la connexion, mais ne dit rien",
        f"accordez {table(server)} port et tls ({_ports(server)}) ; sinon un pare-feu filtre",
    )


def no_starttls(server: Server) -> Trouble:
    """Return what it means that a server offers no STARTTLS where it is asked for."""
    return Trouble(
        f"{where(server)} ne propose pas STARTTLS",
        f'{table(server)} tls = "implicit" avec port = 465 ; tls = "none" seulement pour un '
        "relais sur cette machine ou dans ce bâtiment, sans mot de passe",
    )


def certificate(
    error: ssl.SSLCertVerificationError, server: Server, names: tuple[str, ...] = ()
) -> Trouble:
    """Return what is wrong with a certificate; ``names`` are those it bears."""
    code, at = error.verify_code, where(server)
    if code == _EXPIRED:
        return Trouble(
            f"le certificat de {at} est périmé",
            "prévenez qui tient ce serveur ; vérifiez aussi la date du boîtier : timedatectl",
        )
    if code == _NOT_YET:
        return Trouble(
            f"le certificat de {at} n'est pas encore valable",
            "l'horloge du boîtier retarde : timedatectl",
        )
    if code in _OTHER_NAME:
        bears = f" ; il est à {', '.join(names)}" if names else ""
        whole = next((one for one in names if "*" not in one), "")
        mend = f'{table(server)} host = "{whole}"' if whole else f"corrigez {table(server)} host"
        return Trouble(f"le certificat n'est pas au nom de {server.host}{bears}", mend)
    if code in _UNKNOWN and server.ca_file:
        return Trouble(
            f"le certificat de {at} n'est pas de l'autorité que dit ca_file",
            f"mettez la bonne dans {server.ca_file} ; pour un serveur public, retirez "
            f"{table(server)} ca_file",
        )
    if code in _UNKNOWN:
        return Trouble(
            f"le certificat de {at} vient d'une autorité inconnue",
            f'serveur de la commune : {table(server)} ca_file = "/etc/tocsin/relais.pem" ; serveur '
            "public : ne passez pas outre, quelqu'un s'interpose peut-être (vérifiez host)",
        )
    return Trouble(f"certificat de {at} refusé : {error.verify_message}", "prévenez qui le tient")


def _encryption(error: ssl.SSLError, server: Server) -> Trouble:
    reason = error.reason or ""
    if reason in _PLAIN:
        return Trouble(
            f"{where(server)} ne parle pas TLS d'emblée",
            f'{table(server)} tls = "starttls" ({_ports(server)})',
        )
    if reason in _NO_PEM:
        return Trouble(
            f"{server.ca_file} n'est pas un certificat",
            f"donnez à {table(server)} ca_file un fichier PEM (-----BEGIN CERTIFICATE-----)",
        )
    if "PROTOCOL" in reason:
        return Trouble(
            f"{where(server)} ne connaît que des versions de TLS abandonnées",
            "faites mettre ce serveur à jour : TLS 1.2 au moins",
        )
    return Trouble(f"TLS échoue avec {where(server)} : {reason or error}",
                   f"vérifiez {table(server)} port et tls ({_ports(server)})")  # fmt: skip
