/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to FleetSync of both generations: the same bursts in the same noise, once
 * with the detector's doubts and once with its bare decisions. Bursts that come, and Eb/N0 (of a bit on the
 * line) at which nine of ten do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 24000.0

enum { BURSTS = 150, LINE_MAX = 600, QUIET = 7200, BRANCHES_MAX = 16, STATE_MAX = 16384, RUN_MAX = 4096 };

struct ear {
    bool hard; /* decisions alone: all bits are equally sure */
    _Alignas(16) uint8_t state[BRANCHES_MAX][STATE_MAX];
    struct protocol_output output;
    const struct message *sent;
    bool heard;
    unsigned wrong; /* messages that nobody sent */
};

static const struct protocol *fleetsync;
static const struct modem_class *ffsk;
static struct ear soft_ear, hard_ear;

static void on_message(void *context, const struct message *message)
{
    struct ear *ear = context;
    bool same = message->raw_length == ear->sent->raw_length &&
                memcmp(message->raw, ear->sent->raw, message->raw_length) == 0;
    ear->heard = ear->heard || same;
    ear->wrong += !same;
}

static void listen(struct ear *ear, const struct soft_run *run)
{
    static int8_t bare[RUN_MAX];
    struct soft_run mine = *run;
    assert_true(run->branch < BRANCHES_MAX && run->count <= RUN_MAX);
    for (size_t i = 0; i < run->count; i++)
        bare[i] = run->soft[i] > 0 ? 100 : -100;
    if (ear->hard) {
        mine.soft = bare;
        mine.event = NULL;
    }
    fleetsync->execute(ear->state[run->branch], &mine, &ear->output);
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    listen(&soft_ear, run);
    listen(&hard_ear, run);
}

static void ear_open(struct ear *ear, bool hard)
{
    *ear = (struct ear){.hard = hard};
    ear->output.message = on_message;
    ear->output.context = ear;
    for (unsigned i = 0; i < BRANCHES_MAX; i++)
        fleetsync->reset(ear->state[i]);
}

static void make_burst(struct impair_random *random, struct message *message, unsigned generation)
{
    message_reset(message, "fleetsync", "kenwood");
    message->raw[0] = 0xfe;
    message->raw[1] = 0x80;
    for (unsigned i = 2; i < 6; i++)
        message->raw[i] = (uint8_t)(256.0 * impair_random_uniform(random));
    message->raw_length = 6;
    (void)message_add_integer(message, "generation", generation);
}

/* Bursts heard of BURSTS, with soft decisions and with hard ones. */
static void measure(unsigned generation, double ebn0_db, unsigned *by_soft, unsigned *by_hard)
{
    static float audio[2 * QUIET + LINE_MAX * 20 + 100];
    const struct protocol_transmit how = {0};
    struct impair_random random;
    struct modem *modem;
    impair_random_seed(&random, 77);
    ear_open(&soft_ear, false);
    ear_open(&hard_ear, true);
    assert_int_equal(ffsk->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    *by_soft = *by_hard = 0;
    for (unsigned n = 0; n < BURSTS; n++) {
        struct message message;
        uint8_t bits[LINE_MAX];
        make_burst(&random, &message, generation);
        soft_ear.sent = hard_ear.sent = &message;
        soft_ear.heard = hard_ear.heard = false;
        size_t count = fleetsync->transmit(&message, &how, bits, LINE_MAX);
        size_t length = ffsk->modulate_length(RATE_HZ, count), total = length + 2 * (size_t)QUIET;
        assert_true(count > 0 && total <= sizeof audio / sizeof *audio);
        memset(audio, 0, sizeof audio);
        assert_int_equal(ffsk->modulate(RATE_HZ, bits, count, audio + QUIET, length), length);
        impair_add_noise(&random, audio, total, impair_noise_sigma(0.5, RATE_HZ, 1200.0, ebn0_db));
        ffsk->execute(modem, audio, total, on_bits, NULL);
        *by_soft += soft_ear.heard;
        *by_hard += hard_ear.heard;
    }
    ffsk->destroy(modem);
}

/* Where the line through two neighbouring points passes nine tenths. */
static double pass(double from_db, unsigned before, double to_db, unsigned after)
{
    const double nine_tenths = 0.9 * BURSTS;
    return from_db + (to_db - from_db) * (nine_tenths - before) / (double)(after - before);
}

/* Prints the table; dB that soft decisions win. */
static double compare(unsigned generation)
{
    const double step_db = 0.5;
    double soft_db = 0.0, hard_db = 0.0;
    unsigned soft_before = 0, hard_before = 0, wrong = 0;
    print_message("FleetSync %s: Eb/N0, soft, hard of %d\n", generation == 2 ? "II" : "I", BURSTS);
    for (double ebn0_db = 0.0; ebn0_db < 14.0 && hard_db <= 0.0; ebn0_db += step_db) {
        unsigned soft, hard;
        measure(generation, ebn0_db, &soft, &hard);
        print_message("%5.1f %5u %5u\n", ebn0_db, soft, hard);
        if (soft_db <= 0.0 && soft >= 0.9 * BURSTS)
            soft_db = pass(ebn0_db - step_db, soft_before, ebn0_db, soft);
        if (hard >= 0.9 * BURSTS)
            hard_db = pass(ebn0_db - step_db, hard_before, ebn0_db, hard);
        soft_before = soft;
        hard_before = hard;
        wrong += soft_ear.wrong;
    }
    print_message("nine of ten: soft %.2f dB, hard %.2f dB; %u wrong\n", soft_db, hard_db, wrong);
    assert_true(soft_db > 0.0);
    assert_true(wrong <= 3); /* of thousands of copies damaged beyond repair; each is marked as guessed */
    return hard_db - soft_db;
}

static void soft_decisions_are_worth_their_trouble(void **state)
{
    (void)state;
    fleetsync = protocol_find("fleetsync")->protocol;
    ffsk = modem_find("ffsk1200")->class;
    assert_true(fleetsync->state_size <= STATE_MAX && ffsk->branches <= BRANCHES_MAX);
    assert_true(compare(1) >= 1.8); /* 150 bursts: to 0.15 dB */
    assert_true(compare(2) >= 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_decisions_are_worth_their_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
