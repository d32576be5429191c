"""The box's own authority and the certificate it gives the page. Pure: bytes in, bytes out.

The authority signs nothing but the box's names and private addresses (name constraints), so that
whoever steals it cannot be anybody else to the machines that trust it; and no other authority
(path length 0). Times are seconds since 1970.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.clock import EARLIEST_TRUSTED

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: A machine that trusts the authority is visited once.
AUTHORITY_YEARS: Final = 20
#: Apple refuses a certificate of more than 825 days.
LIFE: Final = timedelta(days=200)
#: It is made anew so long before its end.
RENEW_BEFORE: Final = timedelta(days=60)
#: Addresses that mean one house only; the box may get another of them any day.
PRIVATE: Final = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its certificate, as PEM."""

    key: bytes
    certificate: bytes


def authority(town: str, names: Sequence[str], key: bytes | None = None) -> Issued:
    """Return a new authority that may vouch for ``names`` and private addresses.

    With the ``key`` of the one before, where only the names have grown.
    """
    secret = _key(key) if key else ec.generate_private_key(ec.SECP256R1())
    begin = datetime.fromtimestamp(EARLIEST_TRUSTED, UTC)
    subject = _named(f"Tocsin {town}"[:64])
    public = secret.public_key()
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=begin.year + AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(secret, hashes.SHA256())
    )
    return Issued(_pem_of(secret), built.public_bytes(serialization.Encoding.PEM))


def server(signer: Issued, names: Sequence[str], now: float) -> Issued:
    """Return a certificate for the page, good for all of ``names`` (names and addresses)."""
    secret, signing = ec.generate_private_key(ec.SECP256R1()), _key(signer.key)
    issuer = x509.load_pem_x509_certificate(signer.certificate)
    begin = _trusted(now) - timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(_named(names[0][:64]))
        .issuer_name(issuer.subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(min(begin + LIFE, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]),
                       critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
                       critical=False)
        .sign(signing, hashes.SHA256())
    )  # fmt: skip
    return Issued(_pem_of(secret), built.public_bytes(serialization.Encoding.PEM))


def is_current(certificate: bytes, signer: bytes, names: Sequence[str], now: float) -> bool:
    """Tell whether a certificate is the signer's, for just these names, and far from its end."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        found.verify_directly_issued_by(x509.load_pem_x509_certificate(signer))
        said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001  whatever it is, it is not a certificate of ours
        return False
    moment = _trusted(now)
    in_time = found.not_valid_before_utc <= moment < found.not_valid_after_utc - RENEW_BEFORE
    return in_time and set(said) == {_general(name) for name in names}


def is_whole(signer: Issued) -> bool:
    """Tell whether an authority's key and certificate can be read and belong together."""
    try:
        found = x509.load_pem_x509_certificate(signer.certificate).public_key()
        return found == _key(signer.key).public_key()
    except (ValueError, TypeError):
        return False


def covers(certificate: bytes, names: Sequence[str]) -> bool:
    """Tell whether an authority may vouch for all of ``names``."""
    found = x509.load_pem_x509_certificate(certificate)
    limits = found.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = limits.permitted_subtrees or ()
    domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    nets = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    for name in map(_general, names):
        if isinstance(name, x509.DNSName):
            if not any(name.value == d or name.value.endswith(f".{d}") for d in domains):
                return False
        elif not any(name.value in net for net in nets if isinstance(net, Network)):
            return False
    return True


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate as telephones and browsers show it."""
    digest = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


def der(certificate: bytes) -> bytes:
    """Return a certificate as telephones and Windows install it."""
    found = x509.load_pem_x509_certificate(certificate)
    return found.public_bytes(serialization.Encoding.DER)


def ends(certificate: bytes) -> float:
    """Return when a certificate ends; raises ValueError for what is none."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc.timestamp()


def _trusted(now: float) -> datetime:
    """Return the time, or the earliest it can be while the clock was never set."""
    return datetime.fromtimestamp(max(now, EARLIEST_TRUSTED), UTC).replace(microsecond=0)


def _general(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.lower())


def _permitted(names: Sequence[str]) -> list[x509.GeneralName]:
    """Return the box's names, and every private network rather than today's address."""
    found: list[x509.GeneralName] = []
    for name in map(_general, names):
        if isinstance(name, x509.DNSName):
            found.append(name)
        elif not any(name.value in network for network in PRIVATE):
            found.append(x509.IPAddress(ipaddress.ip_network(str(name.value))))
    return found + [x509.IPAddress(network) for network in PRIVATE]


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    found = serialization.load_pem_private_key(pem, None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise TypeError("not a key of ours")
    return found


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
