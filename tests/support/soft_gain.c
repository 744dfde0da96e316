/* SPDX-License-Identifier: Apache-2.0 */
#include "soft_gain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 24000.0
#define STEP_DB 0.5
#define MOST_DB 14.0

enum {
    BURSTS = 150,
    LINE_MAX = 600,
    QUIET_MAX = 7200,
    BRANCHES_MAX = 16,
    STATE_MAX = 16384,
    RUN_MAX = 4096,
    ENOUGH = BURSTS * 9 / 10
};

struct ear {
    const struct protocol *protocol;
    bool hard; /* decisions alone: all bits are equally sure */
    _Alignas(16) uint8_t state[BRANCHES_MAX][STATE_MAX];
    struct protocol_output output;
    const struct message *sent;
    bool heard;
    unsigned wrong;
};

static struct ear ears[2]; /* soft, hard */

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
    ear->protocol->execute(ear->state[run->branch], &mine, &ear->output);
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    listen(&ears[0], run);
    listen(&ears[1], run);
}

static void ear_open(struct ear *ear, const struct protocol *protocol, bool hard)
{
    *ear = (struct ear){.protocol = protocol, .hard = hard};
    ear->output.message = on_message;
    ear->output.context = ear;
    assert_true(protocol->state_size <= STATE_MAX);
    for (unsigned i = 0; i < BRANCHES_MAX; i++)
        protocol->reset(ear->state[i]);
}

/* One burst in noise, heard by both. */
static void burst_execute(const struct soft_gain *gain, struct modem *modem, struct impair_random *random,
                          double ebn0_db)
{
    static float audio[2 * QUIET_MAX + LINE_MAX * 20 + 100];
    static struct message message;
    const struct modem_class *ffsk = modem_find("ffsk1200")->class;
    const struct protocol_transmit how = {0};
    uint8_t bits[LINE_MAX];
    gain->make(random, &message);
    ears[0].sent = ears[1].sent = &message;
    ears[0].heard = ears[1].heard = false;
    size_t count = ears[0].protocol->transmit(&message, &how, bits, LINE_MAX);
    size_t length = ffsk->modulate_length(RATE_HZ, count), total = length + 2 * gain->quiet;
    assert_true(count > 0 && total <= sizeof audio / sizeof *audio);
    memset(audio, 0, sizeof audio);
    assert_int_equal(ffsk->modulate(RATE_HZ, bits, count, audio + gain->quiet, length), length);
    impair_add_noise(random, audio, total, impair_noise_sigma(0.5, RATE_HZ, 1200.0, ebn0_db));
    ffsk->execute(modem, audio, total, on_bits, NULL);
}

/* Bursts heard of BURSTS, with soft decisions and with hard ones. */
static void level_measure(struct soft_gain *gain, double ebn0_db, unsigned heard[2])
{
    const struct protocol *protocol = protocol_find(gain->protocol)->protocol;
    const struct modem_class *ffsk = modem_find("ffsk1200")->class;
    struct impair_random random;
    struct modem *modem;
    impair_random_seed(&random, 77);
    ear_open(&ears[0], protocol, false);
    ear_open(&ears[1], protocol, true);
    assert_true(ffsk->branches <= BRANCHES_MAX && gain->quiet <= QUIET_MAX);
    assert_int_equal(ffsk->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    heard[0] = heard[1] = 0;
    for (unsigned n = 0; n < BURSTS; n++) {
        burst_execute(gain, modem, &random, ebn0_db);
        heard[0] += ears[0].heard;
        heard[1] += ears[1].heard;
    }
    ffsk->destroy(modem);
    gain->wrong += ears[0].wrong;
}

void soft_gain_measure(struct soft_gain *gain)
{
    double *const found[2] = {&gain->soft_db, &gain->hard_db};
    unsigned before[2] = {0, 0};
    gain->soft_db = gain->hard_db = 0.0;
    gain->wrong = 0;
    print_message("%s: Eb/N0, soft, hard of %d\n", gain->protocol, BURSTS);
    for (double db = gain->from_db; db < MOST_DB && gain->hard_db <= 0.0; db += STEP_DB) {
        unsigned heard[2];
        level_measure(gain, db, heard);
        print_message("%5.1f %5u %5u\n", db, heard[0], heard[1]);
        for (unsigned i = 0; i < 2; i++) {
            if (*found[i] <= 0.0 && heard[i] >= ENOUGH) /* on the line between two levels */
                *found[i] = db - STEP_DB * (heard[i] - ENOUGH) / (double)(heard[i] - before[i]);
            before[i] = heard[i];
        }
    }
    print_message("nine of ten: soft %.2f dB, hard %.2f dB; %u wrong\n", gain->soft_db, gain->hard_db,
                  gain->wrong);
    assert_true(gain->soft_db > 0.0 && gain->hard_db > 0.0);
}
