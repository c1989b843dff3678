"""Storage that speaks Amazon's S3: a bucket, or a folder in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from statuspage.models import Target
from statuspage.publishing.delivery import kept_for
from statuspage.publishing.targets.place import Parcel, Trouble, secrets_of

DELETED_AT_ONCE: Final = 1000
"""What one DeleteObjects request takes at most (S3 API reference)."""


class S3:
    """A bucket. Objects appear whole or not at all; who may read them is the bucket's policy.

    Compressed copies stay at home: storage does not choose by what the reader accepts, and a CDN compresses itself.
    """

    def __init__(self, target: Target) -> None:
        import boto3
        from botocore.config import Config

        given, secret = target.settings, secrets_of(target)
        endpoint = given.get("endpoint") or None
        self._bucket = str(given.get("bucket", ""))
        self._prefix = f"{prefix}/" if (prefix := str(given.get("folder", "")).strip("/")) else ""
        self._client: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=given.get("region") or "us-east-1",
            aws_access_key_id=secret.get("access_key", ""),
            aws_secret_access_key=secret.get("secret_key", ""),
            config=Config(
                connect_timeout=5,
                read_timeout=15,
                retries={"total_max_attempts": 1},  # the duty tries again by itself
                # Others than Amazon seldom answer at bucket.host, and know no checksum trailers.
                s3={"addressing_style": "path" if endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def fetch(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Get each object."""
        found = {}
        for path in paths:
            try:
                answer = self._ask("get_object", Key=self._prefix + path)
            except Missing:
                continue
            found[path] = answer["Body"].read()
        return found

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Put each object with its type and how long it may be kept."""
        for parcel in parcels:
            self._ask(
                "put_object",
                Key=self._prefix + parcel.path,
                Body=parcel.content.read_bytes(),
                ContentType=parcel.entry.type,
                CacheControl=kept_for(parcel.path),
            )

    def remove(self, paths: Iterable[str]) -> None:
        """Delete objects."""
        for some in _batches(paths, DELETED_AT_ONCE):
            gone = [{"Key": self._prefix + path} for path in some]
            answer = self._ask("delete_objects", Delete={"Objects": gone, "Quiet": True})
            if answer.get("Errors"):
                raise Trouble(f"The storage did not delete {answer['Errors'][0].get('Key', 'an object')}.")

    def names(self) -> list[str]:
        """List the objects."""
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            answer = self._ask("list_objects_v2", Prefix=self._prefix, **more)
            found += [each["Key"].removeprefix(self._prefix) for each in answer.get("Contents", ())]
            if not answer.get("IsTruncated"):
                return [path for path in found if not any(part.startswith(".") for part in path.split("/"))]
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, verb: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, verb)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in ("NoSuchKey", "404"):
                raise Missing from error
            raise Trouble(f"The storage refused: {code} ({verb}, bucket {self._bucket}).") from error
        except (BotoCoreError, OSError) as error:
            raise Trouble(f"The storage can't be reached: {type(error).__name__}.") from error


class Missing(Exception):
    """There is no such object."""


def _batches(paths: Iterable[str], size: int) -> Iterable[list[str]]:
    rest = iter(paths)
    while some := list(islice(rest, size)):
        yield some
