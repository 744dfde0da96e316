/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of a transmitter: who goes first, what an hour allows, where nobody ever sends, and that
 * what is played is what was to be said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/transmit/airtime.h"
#include "../../../gateway/transmit/queue.h"
#include "../../../gateway/transmit/rates.h"
#include "../../../gateway/transmit/waveform.h"

#define SECOND_NS INT64_C(1000000000)

static struct transmit_queue queue;
static struct transmit_request request;

static enum atalaya_result put(uint64_t id, enum transmit_priority priority, uint64_t *evicted)
{
    request.id = id;
    request.priority = priority;
    request.until_mono_ns = (int64_t)id * SECOND_NS;
    return queue_put(&queue, &request, evicted);
}

static void distress_goes_first_then_the_oldest(void **state)
{
    static const struct {
        uint64_t id;
        enum transmit_priority priority;
    } said[] = {{1, TRANSMIT_ROUTINE},     {2, TRANSMIT_ACKNOWLEDGE}, {3, TRANSMIT_DISTRESS},
                {4, TRANSMIT_ACKNOWLEDGE}, {5, TRANSMIT_ROUTINE},     {6, TRANSMIT_DISTRESS}};
    static const uint64_t order[] = {3, 6, 2, 4, 1, 5};
    uint64_t evicted;
    (void)state;
    memset(&queue, 0, sizeof queue);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_int_equal(put(said[i].id, said[i].priority, &evicted), ATALAYA_OK);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct transmit_item *first = queue_first(&queue);
        assert_int_equal(first->request.id, order[i]);
        queue_remove(&queue, first);
    }
    assert_null(queue_first(&queue));
}

static void a_full_queue_gives_way_to_what_matters_more_only(void **state)
{
    uint64_t evicted;
    (void)state;
    memset(&queue, 0, sizeof queue);
    for (uint64_t id = 1; id <= TRANSMIT_QUEUE_MAX; id++)
        assert_int_equal(put(id, TRANSMIT_ROUTINE, &evicted), ATALAYA_OK);
    assert_int_equal(put(100, TRANSMIT_ROUTINE, &evicted), ATALAYA_E_FULL);
    queue_find(&queue, TRANSMIT_QUEUE_MAX)->in_hand = true; /* the newest is on the air: it stays */
    assert_int_equal(put(101, TRANSMIT_DISTRESS, &evicted), ATALAYA_OK);
    assert_int_equal(evicted, TRANSMIT_QUEUE_MAX - 1);
    assert_non_null(queue_find(&queue, TRANSMIT_QUEUE_MAX));
    assert_null(queue_find(&queue, TRANSMIT_QUEUE_MAX - 1));
    assert_int_equal(queue_first(&queue)->request.id, 101);
    for (uint64_t id = 200; id < 200 + TRANSMIT_QUEUE_MAX - 2;
         id++) /* all routine goes but what is on the air */
        assert_int_equal(put(id, TRANSMIT_DISTRESS, &evicted), ATALAYA_OK);
    assert_int_equal(put(300, TRANSMIT_DISTRESS, &evicted), ATALAYA_E_FULL);
    assert_int_equal(evicted, 0);
}

static void what_is_too_late_is_found(void **state)
{
    uint64_t evicted;
    (void)state;
    memset(&queue, 0, sizeof queue);
    assert_int_equal(put(5, TRANSMIT_ROUTINE, &evicted), ATALAYA_OK);
    assert_int_equal(put(3, TRANSMIT_DISTRESS, &evicted), ATALAYA_OK);
    assert_null(queue_expired(&queue, 3 * SECOND_NS - 1));
    assert_int_equal(queue_expired(&queue, 3 * SECOND_NS)->request.id, 3);
}

static void that_it_waits_is_told_once_with_what_keeps_the_first_back(void **state)
{
    uint64_t evicted;
    enum transmit_result why;
    (void)state;
    memset(&queue, 0, sizeof queue);
    assert_null(queue_untold(&queue, SECOND_NS, &why));
    for (uint64_t id = 1; id <= 3; id++) {
        assert_int_equal(put(id, id == 2 ? TRANSMIT_DISTRESS : TRANSMIT_ROUTINE, &evicted), ATALAYA_OK);
        queue_find(&queue, id)->put_ns = (int64_t)id * SECOND_NS;
    }
    assert_null(queue_untold(&queue, 3 * SECOND_NS, &why)); /* nothing hinders, it is just not its turn */
    queue_first(&queue)->hinders = TRANSMIT_CHANNEL_BUSY;
    for (uint64_t told = 1; told <= 2; told++) {
        struct transmit_item *item = queue_untold(&queue, 3 * SECOND_NS, &why);
        assert_true(item && item->request.id == told && why == TRANSMIT_CHANNEL_BUSY);
        item->told = true;
    }
    assert_null(queue_untold(&queue, 3 * SECOND_NS, &why));
}

static void an_hour_has_so_much_airtime(void **state)
{
    struct airtime airtime = {0};
    const int64_t cap_ns = 100 * SECOND_NS, start_ns = 7 * SECOND_NS;
    (void)state;
    assert_true(airtime_allows(&airtime, start_ns, 75 * SECOND_NS, cap_ns, false));
    assert_false(airtime_allows(&airtime, start_ns, 76 * SECOND_NS, cap_ns, false));
    airtime_add(&airtime, start_ns, 75 * SECOND_NS);
    assert_false(airtime_allows(&airtime, start_ns, 1, cap_ns, false));
    assert_true(airtime_allows(&airtime, start_ns, 25 * SECOND_NS, cap_ns,
                               true)); /* the last quarter is distress's */
    assert_false(airtime_allows(&airtime, start_ns, 26 * SECOND_NS, cap_ns, true));
    assert_int_equal(airtime_used_ns(&airtime, start_ns + 3500 * SECOND_NS), 75 * SECOND_NS);
    assert_int_equal(airtime_used_ns(&airtime, start_ns + 3600 * SECOND_NS), 0);
    airtime_add(&airtime, start_ns + 100 * 3600 * SECOND_NS, SECOND_NS); /* after days of silence */
    assert_int_equal(airtime_used_ns(&airtime, start_ns + 100 * 3600 * SECOND_NS), SECOND_NS);
}

static void nobody_takes_more_than_his_share(void **state)
{
    static struct rates rates;
    char name[16];
    unsigned taken = 0;
    (void)state;
    for (int64_t s = 0; s < 7200; s++)
        taken += rates_take(&rates, "yuma", 60, s * SECOND_NS);
    assert_in_range(taken, 120, 130);
    assert_true(rates_take(&rates, "ajo", 60, 7200 * SECOND_NS)); /* of another it is another's */
    assert_false(rates_take(&rates, "none", 0, 7200 * SECOND_NS));
    for (unsigned i = 0; i < 2 * RATES_MAX; i++) {
        snprintf(name, sizeof name, "n%u", i);
        assert_true(rates_take(&rates, name, 60, 7201 * SECOND_NS));
    }
    assert_int_equal(rates.count, RATES_MAX);
}

static void nobody_sends_where_beacons_are_heard(void **state)
{
    (void)state;
    for (double hz = 406.0e6; hz <= 406.1e6; hz += 500)
        assert_true(transmit_is_forbidden(hz));
    assert_true(transmit_is_forbidden((double)NAN) && transmit_is_forbidden(406.025e6));
    assert_false(transmit_is_forbidden(144.39e6) || transmit_is_forbidden(405.5e6) ||
                 transmit_is_forbidden(407e6));
}

struct take {
    unsigned count;
    struct message message;
    const struct protocol_row *row;
    void *state;
    struct protocol_output output;
};

static void on_message(void *context, const struct message *message)
{
    struct take *take = context;
    take->count++;
    take->message = *message;
}

static void on_bits(void *context, const struct soft_run *run)
{
    struct take *take = context;
    if (run->branch == 0)
        take->row->protocol->execute(take->state, run, &take->output);
}

/* Through the modem's own receiver; some silence brings out what it holds. */
static void hear(const struct waveform *waveform, struct take *take)
{
    static const float silence[9600];
    struct modem *modem;
    const struct modem_row *row = waveform_modem(take->row, waveform->rate_hz);
    take->state = calloc(1, take->row->protocol->state_size);
    take->output = (struct protocol_output){.message = on_message, .context = take};
    take->row->protocol->reset(take->state);
    assert_int_equal(row->class->create(&modem, waveform->rate_hz, MODEM_AUDIO), ATALAYA_OK);
    row->class->execute(modem, waveform->samples, waveform->count, on_bits, take);
    row->class->execute(modem, silence, sizeof silence / sizeof *silence, on_bits, take);
    row->class->destroy(modem);
    free(take->state);
}

static void what_is_played_is_what_was_said(void **state)
{
    static const struct {
        const char *protocol, *from, *to;
        enum say_what what;
    } said[] = {{"ax25", "N0CALL-10", "N0CALL-7", SAY_TEXT},
                {"il2p", "N0CALL-10", "N0CALL-7", SAY_TEXT},
                {"mdc1200", "0001", "0A01", SAY_DISTRESS_ACKNOWLEDGED},
                {"fleetsync", "100-1000", "100-1001", SAY_TEXT}};
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        for (unsigned vox = 0; vox < 2; vox++) {
            struct config_transmitter settings = {.level_db = -6,
                                                  .txdelay_s = 0.3,
                                                  .tail_s = 0.1,
                                                  .limit_s = 5,
                                                  .ptt = vox ? PTT_VOX : PTT_RTS};
            const struct protocol_say say = {said[i].what, said[i].from, said[i].to, "hello", "7"};
            struct waveform *waveform;
            struct take take = {.row = protocol_find(said[i].protocol)};
            bool asks;
            request.row = take.row;
            message_reset(&request.message, take.row->id, take.row->protocol->address_space);
            assert_int_equal(take.row->protocol->say(&say, &request.message, &asks), ATALAYA_OK);
            assert_int_equal(take.row->protocol->compose(&request.message), ATALAYA_OK);
            assert_int_equal(waveform_create(&settings, 48000, &waveform), ATALAYA_OK);
            assert_int_equal(waveform_make(waveform, &request), ATALAYA_OK);
            float peak = 0;
            for (size_t k = 0; k < waveform->count; k++)
                peak = fmaxf(peak, fabsf(waveform->samples[k]));
            assert_true(peak > 0.45F && peak < 0.56F);
            assert_true(waveform->count > (size_t)(0.4 * 48000));
            for (size_t k = waveform->count - 4800; k < waveform->count; k++)
                assert_true(fabsf(waveform->samples[k]) < 1e-6F); /* the tail */
            hear(waveform, &take);
            assert_int_equal(take.count, 1);
            assert_memory_equal(take.message.raw, request.message.raw, request.message.raw_length);
            waveform_destroy(waveform);
        }
}

static void what_takes_longer_than_the_limit_is_not_made(void **state)
{
    const struct config_transmitter settings = {
        .level_db = -6, .txdelay_s = 0.3, .tail_s = 0.1, .limit_s = 1, .ptt = PTT_RTS};
    const struct protocol_row *row = protocol_find("ax25");
    struct waveform *waveform;
    (void)state;
    request.row = row;
    message_reset(&request.message, "ax25", "ax25");
    const char line[] =
        "N0CALL-10>APZATL:>a status of some length that takes well over half a second to be sent";
    assert_int_equal(row->protocol->from_text(&request.message, line, strlen(line)), ATALAYA_OK);
    assert_int_equal(waveform_create(&settings, 48000, &waveform), ATALAYA_OK);
    assert_int_equal(waveform_make(waveform, &request), ATALAYA_E_LENGTH);
    waveform_destroy(waveform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distress_goes_first_then_the_oldest),
        cmocka_unit_test(a_full_queue_gives_way_to_what_matters_more_only),
        cmocka_unit_test(what_is_too_late_is_found),
        cmocka_unit_test(that_it_waits_is_told_once_with_what_keeps_the_first_back),
        cmocka_unit_test(an_hour_has_so_much_airtime),
        cmocka_unit_test(nobody_takes_more_than_his_share),
        cmocka_unit_test(nobody_sends_where_beacons_are_heard),
        cmocka_unit_test(what_is_played_is_what_was_said),
        cmocka_unit_test(what_takes_longer_than_the_limit_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
