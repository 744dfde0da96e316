/* SPDX-License-Identifier: Apache-2.0 */
#include "soft_gain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 24000.0
#define STEP_DB 0.75
#define MOST_DB 14.0

enum {
    BURSTS = 150,
    LINE_MAX = 600,
    QUIET_MAX = 7200,
    BRANCHES_MAX = 16,
    STATE_MAX = 16384,
    RUN_MAX = 4096,
    ENOUGH = BURSTS * 9 / 10,
    SOFT = 0, /* ears; then one for each branch */
    ALL,
    ONE,
    EARS_MAX = ONE + BRANCHES_MAX
};

struct ear {
    const struct protocol *protocol;
    _Alignas(16) uint8_t state[BRANCHES_MAX][STATE_MAX];
    struct protocol_output output;
    const struct message *sent;
    bool heard;
    unsigned wrong, guessed_wrong;
};

static struct ear ears[EARS_MAX];

/* Messages that nobody sent, heard with soft decisions: not marked as guessed, and so marked. */
static unsigned wrong, guessed_wrong;

static void on_message(void *context, const struct message *message)
{
    struct ear *ear = context;
    bool same = message->raw_length == ear->sent->raw_length &&
                memcmp(message->raw, ear->sent->raw, message->raw_length) == 0;
    ear->heard = ear->heard || same;
    ear->wrong += !same && !message->guessed;
    ear->guessed_wrong += !same && message->guessed;
}

static void listen(struct ear *ear, const struct soft_run *run)
{
    ear->protocol->execute(ear->state[run->branch], run, &ear->output);
}

static void on_bits(void *context, const struct soft_run *run)
{
    static int8_t bare[RUN_MAX]; /* decisions alone: all bits are equally sure */
    struct soft_run hard = *run;
    (void)context;
    assert_true(run->branch < BRANCHES_MAX && run->count <= RUN_MAX);
    for (size_t i = 0; i < run->count; i++)
        bare[i] = run->soft[i] > 0 ? 100 : -100;
    hard.soft = bare;
    hard.event = NULL;
    listen(&ears[SOFT], run);
    listen(&ears[ALL], &hard);
    listen(&ears[ONE + run->branch], &hard);
}

static void ear_open(struct ear *ear, const struct protocol *protocol)
{
    *ear = (struct ear){.protocol = protocol};
    ear->output.message = on_message;
    ear->output.context = ear;
    assert_true(protocol->state_size <= STATE_MAX);
    for (unsigned i = 0; i < BRANCHES_MAX; i++)
        protocol->reset(ear->state[i]);
}

/* One burst in noise, heard by all. */
static void burst_execute(const struct soft_gain *gain, struct modem *modem, struct impair_random *random,
                          double ebn0_db)
{
    static float audio[2 * QUIET_MAX + LINE_MAX * 20 + 100];
    static struct message message;
    const struct modem_class *ffsk = modem_find("ffsk1200")->class;
    const struct protocol_transmit how = {0};
    uint8_t bits[LINE_MAX];
    gain->make(random, &message);
    for (unsigned i = 0; i < EARS_MAX; i++) {
        ears[i].sent = &message;
        ears[i].heard = false;
    }
    size_t count = ears[0].protocol->transmit(&message, &how, bits, LINE_MAX);
    size_t length = ffsk->modulate_length(RATE_HZ, count), total = length + 2 * gain->quiet;
    assert_true(count > 0 && total <= sizeof audio / sizeof *audio);
    memset(audio, 0, sizeof audio);
    assert_int_equal(ffsk->modulate(RATE_HZ, bits, count, audio + gain->quiet, length), length);
    impair_add_noise(random, audio, total, impair_noise_sigma(0.5, RATE_HZ, 1200.0, ebn0_db));
    ffsk->execute(modem, audio, total, on_bits, NULL);
}

/* Bursts heard of BURSTS: soft, hard of all branches, hard of the best one. */
static void level_measure(const struct soft_gain *gain, double ebn0_db, unsigned heard[ONE + 1])
{
    const struct protocol *protocol = protocol_find(gain->protocol)->protocol;
    const struct modem_class *ffsk = modem_find("ffsk1200")->class;
    unsigned count[EARS_MAX] = {0};
    struct impair_random random;
    struct modem *modem;
    impair_random_seed(&random, 77);
    for (unsigned i = 0; i < EARS_MAX; i++)
        ear_open(&ears[i], protocol);
    assert_true(ffsk->branches <= BRANCHES_MAX && gain->quiet <= QUIET_MAX);
    assert_int_equal(ffsk->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned n = 0; n < BURSTS; n++) {
        burst_execute(gain, modem, &random, ebn0_db);
        for (unsigned i = 0; i < EARS_MAX; i++)
            count[i] += ears[i].heard;
    }
    ffsk->destroy(modem);
    wrong += ears[SOFT].wrong;
    guessed_wrong += ears[SOFT].guessed_wrong;
    memcpy(heard, count, (ONE + 1) * sizeof *heard);
    for (unsigned i = ONE; i < EARS_MAX; i++)
        heard[ONE] = count[i] > heard[ONE] ? count[i] : heard[ONE];
}

void soft_gain_check(const struct soft_gain *gain)
{
    double found_db[ONE + 1] = {(double)NAN, (double)NAN, (double)NAN};
    unsigned before[ONE + 1] = {0}, left = ONE + 1;
    double last_db = gain->from_db;
    wrong = guessed_wrong = 0;
    print_message("%s: Eb/N0, soft, hard, hard of the best branch, of %d\n", gain->protocol, BURSTS);
    for (double db = gain->from_db; db < MOST_DB && left > 0; last_db = db, db += STEP_DB) {
        unsigned heard[ONE + 1];
        level_measure(gain, db, heard);
        print_message("%5.1f %5u %5u %5u\n", db, heard[SOFT], heard[ALL], heard[ONE]);
        for (unsigned i = 0; i <= ONE; i++) {
            if (isnan(found_db[i]) && heard[i] >= ENOUGH) { /* on the line between two levels */
                assert_true(db > gain->from_db);
                found_db[i] = db - (db - last_db) * (heard[i] - ENOUGH) / (double)(heard[i] - before[i]);
                left--;
            }
            before[i] = heard[i];
        }
    }
    print_message("nine of ten: soft %.2f dB, hard %.2f dB, of one branch %.2f dB; %u wrong, %u guessed\n",
                  found_db[SOFT], found_db[ALL], found_db[ONE], wrong, guessed_wrong);
    assert_int_equal(left, 0);
    assert_int_equal(wrong, 0);
    assert_true(guessed_wrong <= 3); /* of thousands of copies damaged beyond repair */
    assert_true(found_db[ONE] - found_db[SOFT] >= 2.0);
    assert_true(found_db[ALL] - found_db[SOFT] >= gain->better_db);
}
