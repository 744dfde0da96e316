/* SPDX-License-Identifier: Apache-2.0 */
/* The signal to noise that is told with each frame is the true one within 1 dB, from the lowest level at
 * which frames are read at all. Short IL2P frames with their Reed-Solomon code are what is read deepest; of
 * several copies the one counts that gateway/collapse.c would choose. Only frames that are read are asked, so
 * that it is part of the error that noise was weaker than usual then.
 *
 * At 0 dB none is read, of 300 each (ATALAYA_SNR_FRAMES=300): Bell 202 audio 0 at 0 dB, 1 at 1 dB, 51 at 2
 * dB; 9600 bit/s audio 0 at 1 dB, 7 at 2 dB; 9600 bit/s complex baseband 0 at 2 dB, 25 at 3 dB. FX.25 with
 * its most check octets reads none of 200 at 1 dB in all three. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

enum { RATE_HZ = 48000, LEAD = 9600, TAIL = 4800, SAMPLES_MAX = 120000, BRANCHES_MAX = 32, FEWEST = 5 };

struct receiver {
    const struct modem_class *class;
    struct modem *modem;
    void *state[BRANCHES_MAX];
    struct protocol_output output[BRANCHES_MAX];
    unsigned branch; /* that speaks */
};

struct told {
    unsigned read, far; /* more than 1 dB off */
    double sum_db;
};

static const struct protocol *row;
static struct impair_random draw;
static struct receiver receiver;
static struct message sent;
static bool heard;
static unsigned best_corrected;
static struct burst_figures best;
static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
static float audio[SAMPLES_MAX];
static float complex iq[SAMPLES_MAX];

static void hear_message(void *context, const struct message *message)
{
    struct burst_figures figures;
    (void)context;
    assert_int_equal(message->raw_length, sent.raw_length);
    assert_memory_equal(message->raw, sent.raw, sent.raw_length);
    assert_int_equal(receiver.class->measure(receiver.modem, receiver.branch, message->first_bit,
                                             message->end_bit, &figures),
                     ATALAYA_OK);
    bool fewer = message->bits_corrected < best_corrected, same = message->bits_corrected == best_corrected;
    if (!heard || fewer || (same && figures.snr_db > best.snr_db)) {
        best = figures;
        best_corrected = message->bits_corrected;
    }
    heard = true;
}

static void hear_bits(void *context, const struct soft_run *run)
{
    (void)context;
    receiver.branch = run->branch;
    row->execute(receiver.state[run->branch], run, &receiver.output[run->branch]);
}

static void open_receiver(const char *modem, enum modem_input input)
{
    row = protocol_find("il2p")->protocol;
    receiver.class = modem_find(modem)->class;
    assert_int_equal(receiver.class->create(&receiver.modem, RATE_HZ, input), ATALAYA_OK);
    for (unsigned b = 0; b < receiver.class->branches; b++) {
        receiver.state[b] = malloc(row->state_size);
        assert_non_null(receiver.state[b]);
        row->reset(receiver.state[b]);
        receiver.output[b] = (struct protocol_output){.message = hear_message};
    }
}

static void close_receiver(void)
{
    for (unsigned b = 0; b < receiver.class->branches; b++)
        free(receiver.state[b]);
    receiver.class->destroy(receiver.modem);
}

/* A UI frame of one random octet as audio from LEAD on; the number of its samples. */
static size_t make_burst(double *power)
{
    struct ax25_header header = {.destination = {.plain = true}, .source = {.plain = true}};
    const uint8_t info = (uint8_t)(impair_random_next(&draw) >> 56);
    for (unsigned i = 0; i < AX25_CALL_SIZE; i++) {
        header.destination.call[i] = (char)('A' + impair_random_next(&draw) % 26);
        header.source.call[i] = (char)('A' + impair_random_next(&draw) % 26);
    }
    message_reset(&sent, "il2p", "ax25");
    assert_int_equal(ax25_frame_set(&sent, &header, AX25_CONTROL_UI, AX25_PID_NONE, &info, 1), ATALAYA_OK);
    const struct protocol_transmit how = {.scrambler = receiver.class->scrambler};
    size_t count = row->transmit(&sent, &how, bits, sizeof bits);
    memset(audio, 0, sizeof audio);
    size_t burst = receiver.class->modulate(RATE_HZ, bits, count, audio + LEAD, SAMPLES_MAX - LEAD - TAIL);
    assert_true(count > 0 && burst > 0);
    *power = 0.0;
    for (size_t i = burst / 2; i < burst; i++) /* behind the preamble */
        *power += (double)audio[LEAD + i] * (double)audio[LEAD + i] / (double)(burst - burst / 2);
    return burst;
}

static void hear_burst(double ebn0_db, unsigned bit_rate, enum modem_input input)
{
    double power;
    size_t burst = make_burst(&power), count = LEAD + burst + TAIL;
    heard = false;
    if (input == MODEM_AUDIO) {
        impair_add_noise(&draw, audio, count, impair_noise_sigma(power, RATE_HZ, bit_rate, ebn0_db));
        receiver.class->execute(receiver.modem, audio, count, hear_bits, NULL);
        return;
    }
    const struct fm_transmitter_settings settings = {.rate_hz = RATE_HZ, .deviation_hz = 3000.0};
    struct fm_transmitter transmitter;
    memset(iq, 0, sizeof iq);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio + LEAD, burst, iq + LEAD);
    double cnr_db = ebn0_db - 10.0 * log10(IMPAIR_CNR_WIDTH_HZ / bit_rate);
    impair_add_noise_iq(&draw, iq, count, impair_cnr_sigma(RATE_HZ, cnr_db));
    receiver.class->execute_iq(receiver.modem, iq, count, hear_bits, NULL);
}

static void check_modem(const char *modem, enum modem_input input, double least_db, double most_db)
{
    static const struct {
        double ebn0_db;
        unsigned frames;
    } levels[] = {{0, 30}, {1, 30},  {2, 60},  {3, 60},  {4, 30},  {5, 20}, {6, 20},
                  {8, 20}, {10, 20}, {15, 20}, {20, 20}, {25, 20}, {30, 20}};
    const char *more = getenv("ATALAYA_SNR_FRAMES");
    open_receiver(modem, input);
    impair_random_seed(&draw, 30);
    for (size_t i = 0; i < sizeof levels / sizeof *levels && levels[i].ebn0_db <= most_db; i++) {
        const unsigned frames = more ? (unsigned)strtoul(more, NULL, 10) : levels[i].frames;
        struct told told = {0};
        for (unsigned n = 0; n < frames; n++) {
            hear_burst(levels[i].ebn0_db, modem_find(modem)->bit_rate, input);
            if (!heard)
                continue;
            double error_db = (double)best.snr_db - levels[i].ebn0_db;
            told.read++;
            told.sum_db += error_db;
            told.far += !(fabs(error_db) <= 1.0);
        }
        print_message("%s%s %2.0f dB: %u of %u read, told %+.2f dB too high, %u more than 1 dB off\n", modem,
                      input == MODEM_IQ ? " iq" : "", levels[i].ebn0_db, told.read, frames,
                      told.sum_db / told.read, told.far);
        if (levels[i].ebn0_db >= least_db)
            assert_true(told.read >= FEWEST);
        if (told.read < FEWEST)
            continue;
        assert_true(fabs(told.sum_db / told.read) <= 1.0);
        assert_true(levels[i].ebn0_db <= least_db + 1.0 || told.far * 3 <= told.read);
    }
    close_receiver();
}

static void of_bell_202(void **state)
{
    (void)state;
    check_modem("bell202", MODEM_AUDIO, 2, 30);
}

static void of_9600_bit_s_as_audio(void **state)
{
    (void)state;
    check_modem("g3ruh9600", MODEM_AUDIO, 3, 30);
}

static void of_9600_bit_s_as_complex_baseband(void **state)
{
    (void)state;
    check_modem("g3ruh9600", MODEM_IQ, 4, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_bell_202),
                                       cmocka_unit_test(of_9600_bit_s_as_audio),
                                       cmocka_unit_test(of_9600_bit_s_as_complex_baseband)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
