/* SPDX-License-Identifier: Apache-2.0 */
/* The plug is pulled at every moment of a spool's life: all states are rebuilt in which that may leave its
 * files and the audit log beside it, opened again, and compared with what had been acknowledged by then.
 * What was written and not synced is there, or not, or in part, in any combination (all of them while there
 * are few, a sample else); a lying disk loses what it was told to sync, too. ATALAYA_POWER_SEED: of the
 * samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../gateway/lifecycle/audit.h"
#include "../support/power/recorder.h"
#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "spool_fixture.h"

enum { FACTS_MAX = 64, NEVER = 1 << 30, ALL_SUBSETS_OF = 6, SAMPLES = 24, LIES = 4, SEEN_BITS = 18 };

/* Something the spool was asked to keep; op counts tell when: begun, acknowledged, and the same for its end.
 */
struct fact {
    char payload[24]; /* of an item; value of the state */
    bool is_state;
    int64_t id;
    size_t begun, acknowledged, end_begun, ended;
};

static struct life {
    struct spool_fixture *fixture, *copy; /* the one that is watched; the one that is opened again */
    struct spool *spool;
    struct audit *audit;
    struct fact fact[FACTS_MAX];
    unsigned facts;
    size_t audit_acknowledged[FACTS_MAX]; /* of line i + 1 */
    unsigned audit_lines;
    struct {
        uint64_t number;
        size_t acknowledged;
    } boot[4];
    unsigned boots;
} life;

static struct counts {
    unsigned states, alike, torn, lies, set_aside;
} counts;

/* ---- a life ---- */

static void live_open(void)
{
    assert_int_equal(spool_open(&life.fixture->config, &life.spool), ATALAYA_OK);
    life.boot[life.boots].number = spool_boot(life.spool);
    life.boot[life.boots++].acknowledged = recorder.count;
    assert_int_equal(audit_open(life.spool, &life.fixture->config.spool, &life.audit), ATALAYA_OK);
}

static void live_close(void)
{
    audit_close(life.audit);
    spool_close(life.spool);
    recorder.wall_ahead_ns += 60 * INT64_C(1000000000);
}

static struct fact *begin(bool is_state)
{
    struct fact *fact = &life.fact[life.facts];
    *fact = (struct fact){.is_state = is_state,
                          .begun = recorder.count,
                          .acknowledged = NEVER,
                          .end_begun = NEVER,
                          .ended = NEVER};
    snprintf(fact->payload, sizeof fact->payload, "fact %u", life.facts++);
    return fact;
}

static void say(enum spool_class class)
{
    struct fact *fact = begin(false);
    assert_int_equal(fixture_append(&(struct spool_fixture){.spool = life.spool}, class, "site/test/topic",
                                    fact->payload, &fact->id),
                     ATALAYA_OK);
    if (class == SPOOL_DISTRESS)
        fact->acknowledged = recorder.count;
}

static void commit(void)
{
    assert_int_equal(spool_commit(life.spool), ATALAYA_OK);
    for (unsigned i = 0; i < life.facts; i++) {
        struct fact *fact = &life.fact[i];
        if (fact->acknowledged == NEVER)
            fact->acknowledged = recorder.count;
        if (fact->end_begun != NEVER && fact->ended == NEVER)
            fact->ended = recorder.count;
    }
}

static void deliver(unsigned which)
{
    life.fact[which].end_begun = recorder.count;
    assert_int_equal(spool_delivered(life.spool, 0, &life.fact[which].id, 1), ATALAYA_OK);
}

/* A step of a distress: audit line, then state and document at once. */
static void step(unsigned replaced)
{
    struct audit_mark mark;
    const struct audit_entry entry = {
        .distress = "test-1-1", .unit = "N0CALL-7", .event = "raised", .by = "test", .utc_ns = 1};
    assert_int_equal(audit_append(life.audit, &entry, &mark), ATALAYA_OK);
    life.audit_acknowledged[life.audit_lines++] = recorder.count;
    struct fact *state = begin(true), *document = begin(false);
    struct spool_item item = {.class = SPOOL_DISTRESS,
                              .topic = "site/test/distress/test-1-1",
                              .payload = document->payload,
                              .length = strlen(document->payload)};
    if (replaced)
        life.fact[replaced].end_begun = state->begun;
    assert_int_equal(
        spool_step(life.spool, "distress", "test-1-1", state->payload, strlen(state->payload), &item, 1),
        ATALAYA_OK);
    document->id = item.id;
    state->acknowledged = document->acknowledged = recorder.count;
    if (replaced)
        life.fact[replaced].ended = recorder.count;
}

static void live(void)
{
    recorder_watch(life.fixture->folder);
    live_open();
    say(SPOOL_DISTRESS); /* fact 0 */
    step(0);             /* 1, 2 */
    say(SPOOL_MESSAGE);
    say(SPOOL_POSITION);
    commit();
    deliver(0);
    say(SPOOL_STATS);
    commit();
    live_close(); /* folds the log into the database and takes it away */
    live_open();
    step(1); /* 6, 7 */
    say(SPOOL_MESSAGE);
    deliver(2);
    deliver(3);
    commit();
    say(SPOOL_DISTRESS);
    live_close();
    recorder_watch(NULL);
}

/* ---- what a state must have ---- */

struct found {
    struct seen seen;
    unsigned states, lines;
    char state[24];
};

static void note_state(void *context, const char *key, const void *value, size_t length)
{
    struct found *found = context;
    (void)key;
    found->states++;
    snprintf(found->state, sizeof found->state, "%.*s", (int)length, (const char *)value);
}

static void note_line(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    (void)text, (void)length;
    ((struct found *)context)->lines += line > 0 && !fault;
}

static bool has_item(const struct found *found, const struct fact *fact)
{
    for (size_t i = 0; i < found->seen.count; i++)
        if (found->seen.id[i] == fact->id && strcmp(found->seen.payload[i], fact->payload) == 0)
            return true;
    return false;
}

static bool is_there(const struct found *found, const struct fact *fact)
{
    return fact->is_state ? found->states == 1 && strcmp(found->state, fact->payload) == 0
                          : has_item(found, fact);
}

/* Nothing is there that nobody stored. */
static void check_no_invention(const struct found *found, size_t cut)
{
    for (size_t i = 0; i < found->seen.count; i++) {
        bool known = false;
        for (unsigned f = 0; f < life.facts; f++)
            known |= !life.fact[f].is_state && life.fact[f].begun <= cut &&
                     life.fact[f].id == found->seen.id[i] &&
                     strcmp(life.fact[f].payload, found->seen.payload[i]) == 0;
        assert_true(known);
    }
}

static void check_facts(const struct found *found, size_t cut)
{
    unsigned lines = 0;
    for (unsigned f = 0; f < life.facts; f++) {
        const struct fact *fact = &life.fact[f];
        if (fact->acknowledged <= cut && fact->end_begun > cut)
            assert_true(is_there(found, fact));
        if (fact->ended <= cut)
            assert_false(is_there(found, fact));
    }
    /* A step is all there or not at all: the document follows its state among the facts. */
    for (unsigned f = 0; f + 1 < life.facts; f++)
        if (life.fact[f].is_state && is_there(found, &life.fact[f]) && life.fact[f + 1].end_begun > cut)
            assert_true(is_there(found, &life.fact[f + 1]));
    while (lines < life.audit_lines && life.audit_acknowledged[lines] <= cut)
        lines++;
    assert_true(found->lines >= lines);
}

static void litter(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s-shm", life.copy->config.spool.path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 32768; i++)
        putc(rand() & 0xff, file);
    fclose(file);
}

static struct part part[RECORDER_OPS_MAX];

/* Which operations around the cut did not reach the disk. */
static void describe(size_t cut)
{
    static const char *const kinds[] = {"create", "write", "truncate", "unlink", "sync", "rename"};
    print_message("cut %zu of %zu:\n", cut, recorder.count);
    for (size_t i = cut < 24 ? 0 : cut - 24; i < cut; i++)
        print_message("  %zu %s %s at %lld, %zu octets%s [%zu, %zu)\n", i,
                      recorder.op[i].file < recorder.files ? recorder.name[recorder.op[i].file] : "folder",
                      kinds[recorder.op[i].kind], (long long)recorder.op[i].at, recorder.op[i].length,
                      part[i].applied ? "" : " LOST", part[i].first, part[i].last);
}

/* Opens what the power cut left, as the next start does. lies: the disk did; all may be lost, but nothing
 * that is said from now on may bear a name that was given before. */
static void check_state(const struct image *images, size_t cut, bool lies)
{
    static struct found found;
    struct spool_counts now;
    struct audit *audit;
    fixture_empty(life.copy);
    recorder_restore(images, life.copy->folder);
    if (counts.states % 5 == 0)
        litter();
    fixture_open(life.copy);
    spool_counts(life.copy->spool, &now);
    for (unsigned b = 0; b < life.boots && life.boot[b].acknowledged <= cut; b++)
        assert_true(spool_boot(life.copy->spool) > life.boot[b].number);
    memset(&found, 0, sizeof found);
    assert_int_equal(audit_open(life.copy->spool, &life.copy->config.spool, &audit), ATALAYA_OK);
    audit_close(audit);
    fixture_read(life.copy, "b0", &found.seen);
    assert_int_equal(spool_list(life.copy->spool, "distress", note_state, &found), ATALAYA_OK);
    uint64_t faults = audit_check(life.copy->config.spool.path, note_line, &found);
    if (!lies) {
        if (now.damaged || now.failing)
            describe(cut),
                print_message("damaged %d failing %d, states %u\n", now.damaged, now.failing, counts.states);
        assert_false(now.damaged || now.failing);
        assert_int_equal(faults, 0);
        check_facts(&found, cut);
    }
    check_no_invention(&found, cut);
    counts.set_aside += now.damaged;
    assert_int_equal(fixture_append(life.copy, SPOOL_DISTRESS, "t", "after", NULL), ATALAYA_OK);
    fixture_close(life.copy);
}

/* ---- the states ---- */

static struct image images[RECORDER_FILES_MAX];

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* States that look alike, at a moment when the same was promised, are looked at once. */
static bool is_new(size_t cut, bool lies)
{
    static uint64_t seen[1 << SEEN_BITS];
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ lies;
    for (unsigned i = 0; i < recorder.files; i++) {
        hash = mix(hash, &images[i].exists, 1);
        hash = mix(hash, &images[i].size, sizeof images[i].size);
        hash = mix(hash, images[i].bytes, images[i].size);
    }
    for (unsigned f = 0; f < life.facts; f++) {
        const struct fact *fact = &life.fact[f];
        unsigned char reached = (unsigned char)((fact->begun <= cut) + (fact->acknowledged <= cut) +
                                                (fact->end_begun <= cut) + (fact->ended <= cut));
        hash = mix(hash, &reached, 1);
    }
    size_t place = hash >> (64 - SEEN_BITS);
    while (seen[place] && seen[place] != hash)
        place = (place + 1) & ((1 << SEEN_BITS) - 1);
    bool fresh = seen[place] == 0;
    seen[place] = hash;
    counts.states += fresh;
    counts.alike += !fresh;
    return fresh;
}

static void try_state(size_t cut, bool lies)
{
    recorder_build(images, part, cut);
    if (is_new(cut, lies))
        check_state(images, cut, lies);
}

static void apply_all(size_t cut)
{
    for (size_t i = 0; i < cut; i++)
        part[i] = (struct part){true, 0, recorder.op[i].length};
}

static void try_subsets(size_t cut)
{
    static size_t pending[RECORDER_OPS_MAX];
    size_t count = recorder_pending(cut, pending);
    bool all = count <= ALL_SUBSETS_OF;
    unsigned subsets = all ? 1u << count : SAMPLES;
    for (unsigned s = 0; s < subsets; s++) {
        apply_all(cut);
        unsigned how = s % 4; /* of samples: none of them, or each with another likelihood */
        for (size_t p = 0; p < count; p++)
            part[pending[p]].applied = all ? s >> p & 1u : s > 0 && (unsigned)rand() % 4 <= how;
        try_state(cut, false);
    }
}

/* The last write got only some of its sectors to disk. */
static void try_torn(size_t cut)
{
    const struct op *op = &recorder.op[cut - 1];
    if (op->kind != OP_WRITE)
        return;
    unsigned before = counts.states;
    for (size_t at = SECTOR - (size_t)op->at % SECTOR; at < op->length; at += SECTOR)
        for (int half = 0; half < 2; half++) {
            apply_all(cut);
            part[cut - 1].first = half ? at : 0;
            part[cut - 1].last = half ? op->length : at;
            try_state(cut, false);
        }
    counts.torn += counts.states - before;
}

/* Each of the last syncs was a lie, of one file or of all; what was done to a file since then is lost, or
 * only what was done until the cut's own. */
static void try_lies(size_t cut)
{
    unsigned before = counts.states;
    for (unsigned file = 0; file <= recorder.files; file++) {
        unsigned lies = 0;
        for (size_t from = cut; from-- > 0 && lies < LIES;) {
            if (recorder.op[from].kind != OP_SYNC ||
                (file < recorder.files && recorder.op[from].file != file))
                continue;
            lies++;
            apply_all(cut);
            size_t since = from;
            while (since > 0 && recorder.op[since - 1].kind != OP_SYNC)
                since--;
            for (size_t i = since; i < cut; i++)
                part[i].applied = file < recorder.files && recorder.op[i].file != file;
            try_state(cut, true);
            for (size_t i = from; i < cut; i++)
                part[i].applied = true; /* the next ones got through: a hole */
            try_state(cut, true);
        }
    }
    counts.lies += counts.states - before;
}

static void no_cut_takes_what_was_acknowledged(void **state)
{
    (void)state;
    live();
    for (unsigned i = 0; i < recorder.files; i++)
        assert_non_null(images[i].bytes = malloc(RECORDER_FILE_MAX));
    fixture_open(life.copy); /* makes its folder */
    fixture_close(life.copy);
    for (size_t cut = 0; cut <= recorder.count; cut++) {
        try_subsets(cut);
        if (cut == 0)
            continue;
        try_torn(cut);
        if (recorder.op[cut - 1].kind == OP_SYNC)
            try_lies(cut);
    }
    print_message("%zu operations on %u files, %u states (%u of torn writes, %u of a lying disk, %u of them "
                  "set aside), %u more alike\n",
                  recorder.count, recorder.files, counts.states, counts.torn, counts.lies, counts.set_aside,
                  counts.alike);
    assert_true(recorder.count > 100 && counts.states > 1000 && counts.torn > 100 && counts.lies > 100);
}

int main(void)
{
    const char *seed = getenv("ATALAYA_POWER_SEED");
    srand(seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
    log_set_level(LOG_LEVEL_ERROR);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm",
                     1); /* the disk is a model: how fast this machine's is need not matter */
    life.fixture = fixture_create(1);
    life.copy = fixture_create(1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_cut_takes_what_was_acknowledged)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_destroy(life.copy);
    fixture_destroy(life.fixture);
    for (unsigned i = 0; i < recorder.files; i++)
        free(images[i].bytes);
    for (size_t i = 0; i < recorder.count; i++)
        free(recorder.op[i].data);
    return failed;
}
