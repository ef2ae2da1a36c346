"""Probing prompt caching: which models, where they are, and the requests one after the other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.core.cache_probe.causes import Seen
from litellm_discover.core.cache_probe.failures import failed, refusal
from litellm_discover.core.cache_probe.plan import subject
from litellm_discover.core.cache_probe.requests import request
from litellm_discover.core.cache_probe.signals import HEADERS, signals
from litellm_discover.core.cache_probe.verdict import judge, too_small
from litellm_discover.core.catalog import build_catalog, evidence_on
from litellm_discover.core.ids import printable
from litellm_discover.core.unknown import not_offered
from litellm_discover.errors import DiscoverError, SeveralError, named
from litellm_discover.finding import ask, locate
from litellm_discover.io import trust
from litellm_discover.io.attempt import attempt
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.model_calls import Question, call
from litellm_discover.io.threads import run_within, side_by_side
from litellm_discover.own import with_keys
from litellm_discover.personal import personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.addresses import Place
    from litellm_discover.core.cache_probe.plan import Step, Subject
    from litellm_discover.core.cache_probe.signals import Signals
    from litellm_discover.core.cache_probe.verdict import Verdict
    from litellm_discover.core.model import Catalog, Notice
    from litellm_discover.finding import Found, Heard
    from litellm_discover.io.model_calls import Reply
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import ProxySettings, Settings

# What the end of one request takes, beside its own time.
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """A model, and the one address where it was found, with the key for it."""

    subject: Subject
    place: Place

    def limit(self, seconds: float) -> float:
        """How long its probe takes at most, with so many seconds for each request."""
        return len(self.subject.steps) * (seconds + _GRACE_SECONDS)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What there is to probe; why a proxy could not be asked is in ``errors``."""

    targets: tuple[Target, ...]
    notices: tuple[Notice, ...]
    errors: tuple[DiscoverError, ...]
    settings: Settings
    places: Places

    def probe(self, target: Target, seconds: float) -> Verdict:
        """Ask the questions, one after the other, until they are answered or one fails; so many seconds for each.

        What fails is a verdict. Of the answers nothing is kept.
        """
        if not target.subject.fits:
            return too_small(target.subject)
        nonce = secrets.token_hex(8)
        answers: list[tuple[Step, Signals]] = []
        for step in target.subject.steps:
            answer = attempt(partial(self._answer, target, step, nonce, Deadline.after(seconds)))
            if isinstance(answer, DiscoverError):
                seen = Seen(target.subject, answers)
                return judge(seen) if seen.enough else failed(answer)
            answers.append((step, answer))
        return judge(Seen(target.subject, answers))

    def _answer(self, target: Target, step: Step, nonce: str, deadline: Deadline) -> Signals:
        gate = trust.Gate.open(self.places, insecure_http=self.settings.insecure_http)
        reply = run_within(deadline, _call, target, step, nonce, gate, deadline)
        if reply.answer.status != 200:
            raise refusal(reply.answer)
        return signals(reply.headers, reply.answer.json())


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one proxy offers now. What was remembered of one that is silent would be of no use."""

    catalog: Catalog
    heard: Heard
    notices: tuple[Notice, ...]


def prepare(models: Sequence[str], settings: Settings, places: Places, deadline: Deadline) -> Prepared:
    """Find each model at each proxy that offers it.

    Raises UsageError for one that is not offered, and DiscoverError when no proxy could be asked. Nothing is kept.
    """
    results = side_by_side([partial(_offer, proxy, settings, places, deadline) for proxy in settings.proxies])
    several = len(settings.proxies) > 1
    errors = tuple(
        named(proxy.id, result) if several else result
        for proxy, result in zip(settings.proxies, results, strict=True)
        if isinstance(result, DiscoverError)
    )
    offers = [result for result in results if isinstance(result, _Offer)]
    if not offers:
        raise SeveralError(errors) if several else errors[0]
    targets = [target for model_id in models for target in _targets(model_id, offers)]
    notices = tuple(dict.fromkeys(notice for offer in offers for notice in offer.notices))
    return Prepared(tuple(targets), notices, errors, settings, places)


def _offer(proxy: ProxySettings, settings: Settings, places: Places, deadline: Deadline) -> _Offer:
    if proxy.problem:
        raise proxy.problem
    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)
    heard = ask(with_keys(proxy, places, deadline), settings, places, gate, deadline)
    catalog = personal(build_catalog(heard.told, proxy.catalog, heard.shelf), settings)
    return _Offer(catalog, heard, (*gate.notices, *heard.found.notices, *heard.notices))


def _targets(model_id: str, offers: Sequence[_Offer]) -> list[Target]:
    found = [
        Target(
            subject(model, offer.catalog.proxy.id, evidence_on(model_id, offer.heard.told, offer.heard.shelf)),
            _exact(offer.heard.found),
        )
        for offer in offers
        for model in offer.catalog.models
        if model.id == model_id
    ]
    if not found:
        raise named(printable(model_id), not_offered(model_id, [offer.catalog for offer in offers]))
    return found


def _exact(found: Found) -> Place:
    """Its place without the other addresses where it could have been."""
    return replace(found.place, origins=(found.origin,))


def _call(target: Target, step: Step, nonce: str, gate: Gate, deadline: Deadline) -> Reply:
    """One request. Since the last one somebody else may listen there: the gate is asked each time."""
    found = locate((target.place,), gate, deadline)
    path, body = request(target.subject, step, nonce)
    headers = dict(found.place.headers)
    if found.place.key and found.place.key.value is not None:
        headers["Authorization"] = f"Bearer {found.place.key.value}"
    return call(Question(found.origin, path, body, headers, HEADERS), deadline)
