/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"

struct desk_rig desk_rig;

static bool on_alarm(void *context, const struct distress *distress)
{
    assert_ptr_equal(context, &desk_rig);
    assert_false(distress->test);
    if (desk_rig.alarm_busy)
        return false;
    desk_rig.alarms++;
    return true;
}

void rig_open(void)
{
    fixture_open(desk_rig.fixture);
    desk_rig.maker.boot = spool_boot(desk_rig.fixture->spool);
    desk_rig.maker.seq = 0;
    strcpy(desk_rig.maker.site_id, "test-site");
    assert_int_equal(site_create(&desk_rig.fixture->config, &desk_rig.maker.site), ATALAYA_OK);
    if (desk_rig.audited)
        assert_int_equal(
            audit_open(desk_rig.fixture->spool, &desk_rig.fixture->config.spool, &desk_rig.audit),
            ATALAYA_OK);
    const struct desk_setting setting = {.spool = desk_rig.fixture->spool,
                                         .maker = &desk_rig.maker,
                                         .config = &desk_rig.fixture->config,
                                         .windows = {.join_s = 600, .cancelled_join_s = 60},
                                         .audit = desk_rig.audit,
                                         .alarm = on_alarm,
                                         .context = &desk_rig};
    assert_int_equal(desk_create(&setting, &desk_rig.desk), ATALAYA_OK);
}

void rig_close(void)
{
    desk_destroy(desk_rig.desk);
    audit_close(desk_rig.audit);
    desk_rig.audit = NULL;
    site_destroy(desk_rig.maker.site);
    fixture_close(desk_rig.fixture);
}

static int set_up(unsigned brokers)
{
    memset(&desk_rig, 0, sizeof desk_rig);
    desk_rig.fixture = fixture_create(brokers);
    desk_rig.utc_ns = clock_utc_ns();
    desk_rig.mono_ns = clock_mono_ns();
    rig_open();
    return 0;
}

int rig_set_up(void **state)
{
    (void)state;
    return set_up(1);
}

int rig_set_up_two_brokers(void **state)
{
    (void)state;
    return set_up(2);
}

static void forget(void)
{
    while (desk_rig.count > 0)
        json_decref(desk_rig.documents[--desk_rig.count]);
}

int rig_tear_down(void **state)
{
    (void)state;
    forget();
    rig_close();
    fixture_destroy(desk_rig.fixture);
    return 0;
}

void rig_pass(int64_t seconds)
{
    desk_rig.utc_ns += seconds * SECOND_NS;
    desk_rig.mono_ns += seconds * SECOND_NS;
}

void rig_hear(const char *unit, enum distress_kind kind, bool test, const struct whereabout *where,
              const struct whereabout *last_known)
{
    static struct reception reception;
    struct unit_identity who = {.known = true};
    struct words_verdict verdict = {.distress = kind, .test = test, .reason = "ax25: emergency"};
    struct desk_call call = {&reception, &who, &verdict, desk_rig.utc_ns, where, last_known};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", unit);
    snprintf(who.name, sizeof who.name, "%s", unit);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = desk_rig.mono_ns;
    reception.dedupe = 0xc0ffee00;
    desk_hear(desk_rig.desk, &call);
}

void rig_call(const char *unit)
{
    rig_hear(unit, DISTRESS_RAISED, false, NULL, NULL);
}

static void add_document(void *context, const struct spool_item *item)
{
    (void)context;
    assert_true(desk_rig.count < DOCUMENTS_MAX);
    assert_int_equal(item->class, SPOOL_DISTRESS);
    desk_rig.documents[desk_rig.count] =
        item->length ? json_loadb(item->payload, item->length, 0, NULL) : NULL;
    assert_true(item->length == 0 || desk_rig.documents[desk_rig.count]);
    desk_rig.ids[desk_rig.count] = item->id;
    snprintf(desk_rig.topics[desk_rig.count++], SPOOL_TOPIC_MAX, "%s", item->topic);
}

/* Everything that waits for the broker, in order. */
void rig_read_documents(void)
{
    struct spool_reader *reader;
    size_t count;
    forget();
    assert_int_equal(spool_reader_open(desk_rig.fixture->config.spool.path, "b0", &reader), ATALAYA_OK);
    do
        assert_int_equal(
            spool_reader_next(reader, desk_rig.ids, desk_rig.count, 256, add_document, NULL, &count),
            ATALAYA_OK);
    while (count);
    spool_reader_close(reader);
}

unsigned rig_incidents(void)
{
    unsigned different = 0;
    rig_read_documents();
    for (size_t i = 0; i < desk_rig.count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || strcmp(desk_rig.topics[i], desk_rig.topics[k]) == 0;
        different += !seen;
    }
    return different;
}

const char *rig_text(size_t document, const char *key)
{
    const char *value = json_string_value(json_object_get(desk_rig.documents[document], key));
    return value ? value : "(absent)";
}

/* A centre's step to the incident that was published last. */
enum distress_outcome rig_step(enum distress_state state, const char *by)
{
    char id[DISTRESS_ID_MAX];
    const struct distress *distress;
    rig_read_documents();
    size_t last = desk_rig.count - 1;
    while (!desk_rig.documents[last])
        last--;
    snprintf(id, sizeof id, "%s", rig_text(last, "distress"));
    return desk_step(desk_rig.desk, &(struct desk_order){id, state, by, "hq", NULL}, &distress);
}
