"""What happens to a contact and its clocks, and what it ends in, in words that hold for every partnership."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class NationalOutcome(Word):
    """What a contact ends in: each partnership maps its own words to these."""

    NFA_ADVICE = "NFA_ADVICE", "Closed with advice.", "profiles section 6"
    NFA_SIGNPOST = "NFA_SIGNPOST", "Closed; the family is pointed to a service.", "profiles section 6"
    CONSENT_REQUIRED_FIRST = (
        "CONSENT_REQUIRED_FIRST",
        "Comes back once the family has been asked for agreement.",
        "profiles section 6",
    )
    REFUSED_NO_AGREEMENT = "REFUSED_NO_AGREEMENT", "Not accepted, as the family does not agree.", "profiles section 6"
    EHA_DEVELOP = "EHA_DEVELOP", "The referrer develops an early help assessment.", "profiles section 6"
    EARLY_HELP_ALLOCATED = "EARLY_HELP_ALLOCATED", "An early help worker or team takes it.", "profiles section 6"
    STEP_UP_MASH = "STEP_UP_MASH", "Early help passes it up for screening.", "profiles section 6"
    S17_ASSESSMENT = (
        "S17_ASSESSMENT",
        "An assessment of a child in need begins (Children Act 1989 s.17).",
        "profiles section 6",
    )
    STRATEGY_DISCUSSION = (
        "STRATEGY_DISCUSSION",
        "Agencies meet to decide whether an enquiry begins.",
        "profiles section 6",
    )
    S47_ENQUIRY = (
        "S47_ENQUIRY",
        "An enquiry begins, as significant harm is suspected (Children Act 1989 s.47).",
        "profiles section 6",
    )
    OPEN_CASE_REDIRECT = "OPEN_CASE_REDIRECT", "It goes to the worker whose case is open already.", "profiles section 6"
    NEW_CONTACT_NEEDED = "NEW_CONTACT_NEEDED", "It must come again as a contact of its own.", "profiles section 6"
    IDVA_REFERRED = "IDVA_REFERRED", "It goes to an independent domestic violence adviser.", "profiles section 6"
    MET_REDIRECTED = (
        "MET_REDIRECTED",
        "It goes to the team for missing, exploited and trafficked children.",
        "profiles section 6",
    )
    PREVENT_REFERRED = "PREVENT_REFERRED", "It goes to Prevent.", "profiles section 6"
    INFORMATION_GIVEN = "INFORMATION_GIVEN", "A request for information was answered.", "profiles section 6"
    COURT_APPLICATION = "COURT_APPLICATION", "An application to a court is made.", "profiles section 6"


class ClockState(Word):
    """What happened to a clock; a Code wherever a record holds one."""

    STARTED = "STARTED", "It runs.", "Working Together 2023; profiles section 8"
    PAUSED = "PAUSED", "It stands still, for a reason that is recorded.", "Working Together 2023; profiles section 8"
    RESUMED = "RESUMED", "It runs again.", "Working Together 2023; profiles section 8"
    WARNED = (
        "WARNED",
        "Three quarters of its time are gone, or its target has passed.",
        "Working Together 2023; profiles section 8",
    )
    MET = "MET", "It was stopped in time.", "Working Together 2023; profiles section 8"
    BREACHED = "BREACHED", "Its limit has passed.", "Working Together 2023; profiles section 8"
    ESCALATED = "ESCALATED", "Somebody above its owner was told.", "Working Together 2023; profiles section 8"
    STOPPED = "STOPPED", "It was stopped after its limit.", "Working Together 2023; profiles section 8"
    CANCELLED = "CANCELLED", "It counts no more: rated anew, or closed.", "Working Together 2023; profiles section 8"


class ContactEvent(Word):
    """What happens to a contact; its clocks start and stop by these words. A Code wherever a record holds one."""

    RECEIVED = "RECEIVED", "The contact came in.", "profiles section 1"
    RATED = "RATED", "Its urgency was set, or set anew.", "profiles section 1"
    ALLOCATED = "ALLOCATED", "It was given to a worker, with a manager's oversight.", "profiles section 1"
    AGREEMENT_AWAITED = (
        "AGREEMENT_AWAITED",
        "The family was asked for agreement and has not replied.",
        "profiles section 1",
    )
    AGREEMENT_GIVEN = "AGREEMENT_GIVEN", "Somebody who may has agreed.", "profiles section 1"
    AGREEMENT_REFUSED = (
        "AGREEMENT_REFUSED",
        "Somebody whose refusal counts has refused, or withdrawn agreement.",
        "profiles section 1",
    )
    RECOMMENDED = "RECOMMENDED", "A worker recommended an outcome.", "profiles section 1"
    OUTCOME_DECIDED = "OUTCOME_DECIDED", "A person who may decided the outcome of the contact.", "profiles section 1"
    OUTCOME_TOLD = "OUTCOME_TOLD", "Whoever made the contact was told its outcome.", "profiles section 1"
    HARM_RECOGNISED = (
        "HARM_RECOGNISED",
        "Significant harm was recognised as likely or suffered.",
        "profiles section 1",
    )
    STRATEGY_AGREED = (
        "STRATEGY_AGREED",
        "It was agreed that a strategy discussion is to be held.",
        "profiles section 1",
    )
    STRATEGY_HELD = "STRATEGY_HELD", "The strategy discussion was held.", "profiles section 1"
    RESPONSE_AGREED = "RESPONSE_AGREED", "It was agreed how to respond.", "profiles section 1"
    RESPONDED = "RESPONDED", "The response was made.", "profiles section 1"
    EARLY_HELP_REQUESTED = "EARLY_HELP_REQUESTED", "Early help was asked for the family.", "profiles section 1"
    EARLY_HELP_TOLD = "EARLY_HELP_TOLD", "Early help was told of the family.", "profiles section 1"
    COORDINATOR_RECEIVED = "COORDINATOR_RECEIVED", "The coordinator of early help took it in.", "profiles section 1"
    COORDINATOR_ACTIONED = "COORDINATOR_ACTIONED", "The coordinator of early help acted on it.", "profiles section 1"
    MISSING_REPORTED = "MISSING_REPORTED", "The child was reported missing.", "profiles section 1"
    MISSING_REVIEWED = "MISSING_REVIEWED", "The missing episode was reviewed.", "profiles section 1"
    RETURNED = "RETURNED", "The missing child came back.", "profiles section 1"
    INTERVIEW_DONE = "INTERVIEW_DONE", "The interview after the return was held.", "profiles section 1"
    INTERVIEW_REFUSED = "INTERVIEW_REFUSED", "The child refused the interview after the return.", "profiles section 1"
    SOCIAL_WORKER_ALLOCATED = (
        "SOCIAL_WORKER_ALLOCATED",
        "A social worker was allocated to the child.",
        "profiles section 1",
    )
    CAF_CLOSED = "CAF_CLOSED", "The common assessment of the family was closed.", "profiles section 1"
    TRANSFERRED = "TRANSFERRED", "It was passed on to a team or another authority.", "profiles section 1"
    CLOSED = "CLOSED", "The contact was closed.", "profiles section 1"
