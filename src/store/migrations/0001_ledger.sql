CREATE TABLE issue (
    id BIGINT PRIMARY KEY,
    list TEXT NOT NULL,
    slot TEXT NOT NULL,
    hash TEXT NOT NULL,
    content TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    UNIQUE (list, slot)
);
CREATE TABLE run (
    id BIGINT PRIMARY KEY,
    issue BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    policy TEXT NOT NULL,
    audience BIGINT NOT NULL,
    chunk_size BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL
);
CREATE TABLE recipient (
    run BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    subscriber BIGINT NOT NULL,
    address TEXT NOT NULL,
    addr_key TEXT NOT NULL,
    PRIMARY KEY (run, seq),
    UNIQUE (run, addr_key)
) WITHOUT ROWID;
CREATE TABLE chunk (
    run BIGINT NOT NULL,
    no BIGINT NOT NULL,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    held BIGINT NOT NULL,
    uncertain BIGINT NOT NULL,
    deferred BIGINT NOT NULL,
    PRIMARY KEY (run, no)
) WITHOUT ROWID;
CREATE TABLE attempt (
    run BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    owner TEXT NOT NULL,
    conn BIGINT NOT NULL,
    relay TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, seq, attempt)
) WITHOUT ROWID;
CREATE TABLE outcome (
    run BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    witness TEXT NOT NULL,
    result TEXT NOT NULL,
    phase TEXT NOT NULL,
    code BIGINT NOT NULL,
    enhanced TEXT NOT NULL,
    reply TEXT NOT NULL,
    due BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, seq, attempt, witness)
) WITHOUT ROWID;
CREATE TABLE skip (
    run BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE bucket (
    name TEXT PRIMARY KEY,
    tat BIGINT NOT NULL,
    pace BIGINT NOT NULL,
    burst BIGINT NOT NULL
);
CREATE TABLE conn_slot (
    name TEXT NOT NULL,
    slot BIGINT NOT NULL,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (name, slot)
) WITHOUT ROWID;
CREATE TABLE inbox (
    provider TEXT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (provider, event)
) WITHOUT ROWID;
CREATE TABLE instance (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
