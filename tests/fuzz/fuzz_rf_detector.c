/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 on a radio channel: flags as some radio sends them, so that the detector locks, then any bits,
 * with any samples between; or as a receiver's audio, out of which the carrier is made again. What it gives
 * are whole runs in order, and figures that are numbers or not known.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 6, FLAGS = 96, BITS = 400, SAMPLES = 10000, CHUNK = 700, PIECE = 64, AUDIO = 4 };

static uint64_t heard;
static unsigned radio;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count; i++)
        assert(run->soft[i] != INT8_MIN);
    if (run->branch != radio)
        return;
    assert(run->first_bit == heard);
    heard += run->count;
}

/* Every eight bytes are a sample and its place. */
static void spoil(const uint8_t *data, size_t size, float complex *iq, size_t count)
{
    for (size_t at = HEAD; at + 8 <= size; at += 8) {
        float value[2];
        memcpy(value, data + at, sizeof value);
        size_t first = (size_t)(data[at] | data[at + 1] << 8) % count;
        for (size_t i = first; i < count && i < first + PIECE; i++)
            iq[i] = value[0] + _Complex_I * value[1];
    }
}

/* As weak audio of a receiver, which ends there. */
static void listen_to_audio(const uint8_t *data, const struct modem_class *class, struct modem *modem,
                            double rate_hz, float complex *iq, size_t count)
{
    static struct fm_receiver *receiver[2];
    static float audio[SAMPLES];
    const bool emphasis = data[4] & 1;
    const struct fm_receiver_settings settings = {
        .rate_hz = rate_hz, .if_width_hz = 15000.0, .full_scale_hz = 12000.0, .de_emphasis = emphasis};
    struct impair_random random;
    if (!receiver[emphasis])
        assert(fm_receiver_create(&receiver[emphasis], &settings) == ATALAYA_OK);
    fm_receiver_reset(receiver[emphasis]);
    impair_random_seed(&random, data[5]);
    impair_add_noise_iq(&random, iq, count, impair_cnr_sigma(rate_hz, data[4] / 16.0));
    fm_receiver_execute(receiver[emphasis], iq, count, audio);
    for (size_t at = 0; at < count; at += CHUNK)
        class->execute(modem, audio + at, count - at < CHUNK ? count - at : CHUNK, hear, NULL);
    class->finish(modem, hear, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[] = {16000.0, 19200.0, 24000.0, 25000.0, 24000.0};
    static struct modem *modem[5];
    static float audio[SAMPLES];
    static float complex iq[SAMPLES];
    uint8_t bits[BITS], line = 0;
    if (size < HEAD)
        return 0;
    const struct modem_class *class = modem_find("bell202")->class;
    const unsigned which = data[0] & 8 ? AUDIO : data[0] & 3;
    const double rate_hz = rates[which];
    struct fm_transmitter transmitter;
    const struct fm_transmitter_settings settings = {.rate_hz = rate_hz,
                                                     .deviation_hz = 40.0 * data[1],
                                                     .carrier_hz = 30.0 * (data[2] - 128),
                                                     .pre_emphasis = data[0] & 4};
    if (!modem[which])
        assert(class->create(&modem[which], rate_hz, which == AUDIO ? MODEM_AUDIO : MODEM_IQ) == ATALAYA_OK);
    class->reset(modem[which]);
    radio = class->branches - 1;
    heard = 0;
    for (unsigned i = 0; i < BITS; i++) {
        bool change = i < FLAGS ? i % 8 == 0 || i % 8 == 7 : data[i % size] >> i % 7 & 1;
        bits[i] = line ^= change;
    }
    size_t count = class->modulate(rate_hz * (1.0 + 0.0001 * (data[3] - 128)), bits, BITS, audio, SAMPLES);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, count, iq);
    spoil(data, size, iq, count);
    if (which == AUDIO)
        listen_to_audio(data, class, modem[which], rate_hz, iq, count);
    for (size_t at = 0; which != AUDIO && at < count; at += CHUNK)
        class->execute_iq(modem[which], iq + at, count - at < CHUNK ? count - at : CHUNK, hear, NULL);
    struct burst_figures figures;
    if (heard > 0 && class->measure(modem[which], radio, 0, heard, &figures) == ATALAYA_OK)
        assert(!isinf(figures.offset_hz) && !isinf(figures.snr_db) && isfinite(figures.first_sample) &&
               figures.first_sample <= figures.end_sample);
    return 0;
}
