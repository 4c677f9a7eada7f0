CREATE TABLE subscriber (
    id BIGINT PRIMARY KEY,
    list TEXT NOT NULL,
    addr_key TEXT NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    rhythm TEXT NOT NULL,
    topics TEXT NOT NULL,
    paused_until TEXT NOT NULL,
    events BIGINT NOT NULL,
    UNIQUE (addr_key, list)
);
CREATE TABLE consent (
    subscriber BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    source TEXT NOT NULL,
    detail TEXT NOT NULL,
    statement TEXT NOT NULL,
    network TEXT NOT NULL,
    PRIMARY KEY (subscriber, seq)
);
CREATE INDEX consent_statement ON consent (statement) WHERE statement <> '';
CREATE TABLE statement (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL
);
CREATE TABLE suppression (
    addr_key TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE TABLE erasure (
    hash TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE TABLE request (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    addr_key TEXT NOT NULL,
    address TEXT NOT NULL,
    list TEXT NOT NULL,
    language TEXT NOT NULL,
    network TEXT NOT NULL,
    source TEXT NOT NULL,
    statement TEXT NOT NULL
);
CREATE INDEX request_due ON request (due);
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    subscriber BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    network TEXT NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due);
CREATE INDEX outbox_subscriber ON outbox (subscriber);
CREATE TABLE asked (
    hash TEXT PRIMARY KEY,
    unanswered BIGINT NOT NULL,
    ever BIGINT NOT NULL,
    at BIGINT NOT NULL,
    told BIGINT NOT NULL,
    told_at BIGINT NOT NULL
);
CREATE TABLE signer (
    mark TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE TABLE rate (
    name TEXT PRIMARY KEY,
    tat BIGINT NOT NULL
);
