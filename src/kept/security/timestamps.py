"""RFC 3161: ask an outside authority to sign that a checkpoint was there at a time, and check what it answered.

Checked: status, imprint, nonce, the signature over what was stamped, the certificate's one purpose (critical
`timeStamping`), and its chain to authorities that whoever runs Kept has named, at the time of the stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from kept.security import der
from kept.security.der import BadDer, Value

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
SHA256 = "2.16.840.1.101.3.4.2.1"
DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    SHA256: hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
RSA, RSA_WITH = "1.2.840.113549.1.1.1", ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13")
ECDSA_WITH = ("1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4")


class BadStamp(Exception):
    """The answer is no time stamp of what was asked. The message says why."""


@dataclass(frozen=True)
class Stamp:
    at: datetime
    authority: str  # the certificate's own name


def request_for(stamped: bytes, nonce: int) -> bytes:
    """A TimeStampReq, version 1, with the SHA-256 of what is stamped, and the wish for the certificate."""
    algorithm = der.write(der.SEQUENCE, der.write_oid(SHA256), der.write(der.NULL))
    imprint = der.write(der.SEQUENCE, algorithm, der.write(der.OCTETS, sha256(stamped).digest()))
    wish = der.write(der.BOOLEAN, b"\xff")
    return der.write(der.SEQUENCE, der.write_number(1), imprint, der.write_number(nonce), wish)


def token_of(answer: bytes) -> bytes:
    """The token of a TimeStampResp that grants one. Raises BadStamp."""
    try:
        parts = der.read(answer).expect(der.SEQUENCE).parts()
        status = parts[0].expect(der.SEQUENCE).parts()[0].number()
        if status not in (0, 1):
            raise BadStamp(f"The authority gave no stamp: status {status}.")
        return parts[1].whole
    except (BadDer, IndexError) as problem:
        raise BadStamp("The authority's answer cannot be read.") from problem


def check(token: bytes, stamped: bytes, trusted: Sequence[x509.Certificate], nonce: int | None = None) -> Stamp:
    """What the token shows of `stamped`. `nonce`: what was asked with; None: not known any more. Raises BadStamp."""
    try:
        return _checked(token, stamped, trusted, nonce)
    except (BadDer, IndexError, ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise BadStamp("The time stamp cannot be read.") from problem


def _checked(token: bytes, stamped: bytes, trusted: Sequence[x509.Certificate], nonce: int | None) -> Stamp:
    kind, wrapped = der.read(token).expect(der.SEQUENCE).parts()
    if kind.oid() != SIGNED_DATA:
        raise BadStamp("The time stamp is no signed data.")
    signed = wrapped.expect(0xA0).parts()[0].expect(der.SEQUENCE).parts()
    content_kind, content = signed[2].expect(der.SEQUENCE).parts()
    if content_kind.oid() != TST_INFO:
        raise BadStamp("What was signed is no time stamp.")
    info = content.expect(0xA0).parts()[0].expect(der.OCTETS).body
    at = _check_info(der.read(info).expect(der.SEQUENCE).parts(), stamped, nonce)
    certificates = [
        x509.load_der_x509_certificate(one.whole)
        for part in signed[3:]
        if part.tag == 0xA0
        for one in part.parts()
        if one.tag == der.SEQUENCE
    ]
    signers = signed[-1].expect(der.SET).parts()
    if len(signers) != 1:
        raise BadStamp("A time stamp has one signer.")
    own = _check_signer(signers[0].expect(der.SEQUENCE).parts(), info, certificates)
    _check_chain(own, certificates, trusted, at)
    return Stamp(at, own.subject.rfc4514_string())


def _check_info(info: list[Value], stamped: bytes, nonce: int | None) -> datetime:
    algorithm, imprint = info[2].expect(der.SEQUENCE).parts()
    if algorithm.expect(der.SEQUENCE).parts()[0].oid() != SHA256:
        raise BadStamp("The stamp is not over a SHA-256.")
    if imprint.expect(der.OCTETS).body != sha256(stamped).digest():
        raise BadStamp("The stamp is of something else.")
    if nonce is not None and nonce not in [one.number() for one in info[5:] if one.tag == der.INTEGER]:
        raise BadStamp("The stamp answers another question than ours: its nonce differs.")
    text = info[4].expect(der.TIME).body.decode("ascii")
    if not text.endswith("Z"):
        raise BadStamp("The time of the stamp is not in UTC.")
    whole, _, fraction = text[:-1].partition(".")
    at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at.replace(microsecond=int((fraction + "000000")[:6]))


def _check_signer(signer: list[Value], info: bytes, certificates: list[x509.Certificate]) -> x509.Certificate:
    """The certificate that has signed. Raises BadStamp."""
    own = _certificate_of(signer[1], certificates)
    digest = DIGESTS.get(signer[2].expect(der.SEQUENCE).parts()[0].oid())
    if digest is None:
        raise BadStamp("The stamp uses a digest that we do not accept.")
    attributes = {
        kind.oid(): values.expect(der.SET).parts()[0]
        for kind, values in (one.expect(der.SEQUENCE).parts() for one in signer[3].expect(0xA0).parts())
    }
    if CONTENT_TYPE not in attributes or attributes[CONTENT_TYPE].oid() != TST_INFO:
        raise BadStamp("What was signed is no time stamp.")
    if MESSAGE_DIGEST not in attributes or attributes[MESSAGE_DIGEST].expect(der.OCTETS).body != _digest(digest, info):
        raise BadStamp("The stamp is not what was signed.")
    _check_named(attributes, own)
    text = der.write(der.SET, signer[3].body)
    _check_signature(
        own, signer[4].expect(der.SEQUENCE).parts()[0].oid(), signer[5].expect(der.OCTETS).body, text, digest
    )
    return own


def _certificate_of(name: Value, certificates: list[x509.Certificate]) -> x509.Certificate:
    for one in certificates:
        if name.tag == der.SEQUENCE:
            issuer, serial = name.parts()
            if one.serial_number == serial.number() and one.issuer.public_bytes() == issuer.whole:
                return one
        elif name.tag == 0x80:
            try:
                key = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            except x509.ExtensionNotFound:
                continue
            if key == name.body:
                return one
    raise BadStamp("The certificate of the authority is not in the stamp.")


def _check_named(attributes: dict[str, Value], own: x509.Certificate) -> None:
    """The signed attributes name the certificate, so that no other can be put in its place. RFC 5035, RFC 5816."""
    if SIGNING_CERTIFICATE_V2 in attributes:
        first = attributes[SIGNING_CERTIFICATE_V2].parts()[0].parts()[0].parts()
        digest: hashes.HashAlgorithm = hashes.SHA256()
        if first[0].tag == der.SEQUENCE:
            digest = DIGESTS.get(first.pop(0).parts()[0].oid(), hashes.SHA256)()
    elif SIGNING_CERTIFICATE in attributes:
        first = attributes[SIGNING_CERTIFICATE].parts()[0].parts()[0].parts()
        digest = hashes.SHA1()  # noqa: S303 - RFC 2634 names certificates so; the signature is checked apart
    else:
        raise BadStamp("The stamp does not name its certificate.")
    if first[0].expect(der.OCTETS).body != own.fingerprint(digest):
        raise BadStamp("The stamp names another certificate than the one it carries.")


def _check_signature(
    own: x509.Certificate, algorithm: str, signature: bytes, text: bytes, digest: type[hashes.HashAlgorithm]
) -> None:
    key = own.public_key()
    by_name = dict(zip(RSA_WITH, DIGESTS.values(), strict=True)) | dict(zip(ECDSA_WITH, DIGESTS.values(), strict=True))
    digest = by_name.get(algorithm, digest)
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm in (RSA, *RSA_WITH):
            key.verify(signature, text, padding.PKCS1v15(), digest())
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in ECDSA_WITH:
            key.verify(signature, text, ec.ECDSA(digest()))
        else:
            raise BadStamp("The stamp is signed in a way that we do not know.")
    except InvalidSignature:
        raise BadStamp("The signature of the stamp is wrong.") from None


def _check_chain(
    own: x509.Certificate, others: list[x509.Certificate], trusted: Sequence[x509.Certificate], at: datetime
) -> None:
    try:
        uses = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise BadStamp("The certificate is not one for time stamps.") from None
    if not uses.critical or list(uses.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise BadStamp("The certificate is not one for time stamps and nothing else.")
    if not trusted:
        raise BadStamp("No authority is trusted: KEPT_TIMESTAMP_CERTIFICATES names none.")
    policy = verification.PolicyBuilder().store(verification.Store(list(trusted))).time(at)
    own_may = verification.ExtensionPolicy.permit_all()
    any_way = verification.Criticality.AGNOSTIC
    above_must = (
        verification.ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, any_way, _may_issue)
        .may_be_present(x509.KeyUsage, any_way, _may_sign_others)
    )
    try:
        policy.extension_policies(ee_policy=own_may, ca_policy=above_must).build_client_verifier().verify(own, others)
    except verification.VerificationError as problem:
        raise BadStamp(
            "The certificate does not lead to an authority that you trust, or was not valid then."
        ) from problem


def _may_issue(_policy: object, _own: x509.Certificate, rights: x509.BasicConstraints) -> None:
    if not rights.ca:
        raise ValueError("no authority")


def _may_sign_others(_policy: object, _own: x509.Certificate, uses: x509.KeyUsage | None) -> None:
    if uses is not None and not uses.key_cert_sign:
        raise ValueError("no authority")


def _digest(kind: type[hashes.HashAlgorithm], data: bytes) -> bytes:
    found = hashes.Hash(kind())
    found.update(data)
    return found.finalize()
