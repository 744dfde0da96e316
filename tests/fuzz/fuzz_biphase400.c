/* SPDX-License-Identifier: Apache-2.0 */
/* The modem biphase400 fed with any samples, and with a burst that these disturb: as a radio channel and as a
 * discriminator's audio. What it gives are whole bursts in order, and figures that are numbers or not known.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES = 20000, CHUNK = 500, BITS = 144, RUN = 148 };

static const struct modem_class *class;
static struct modem *used;
static uint64_t heard;

static void hear(void *context, const struct soft_run *run)
{
    struct burst_figures figures;
    (void)context;
    assert(run->branch == 0 && run->first_bit == heard && run->count == RUN && run->bit_rate == 400);
    for (size_t i = 0; i < run->count; i++)
        assert(run->soft[i] != INT8_MIN);
    heard += run->count;
    assert(class->measure(used, 0, run->first_bit, heard, &figures) == ATALAYA_OK);
    assert(figures.end_sample > figures.first_sample && isfinite(figures.peak));
    assert(!isinf(figures.snr_db) && !isinf(figures.level_dbfs) && !isinf(figures.offset_hz));
}

/* The input over and over, as bytes or (1) as whatever floats its bits are; (2) a little of it added. */
static void samples_make(const uint8_t *data, size_t size, unsigned how, float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float sample = (float)((int)data[i % size] - 128) / 64.0F;
        if (how & 1 && size >= sizeof sample)
            memcpy(&sample, data + i % (size / sizeof sample) * sizeof sample, sizeof sample);
        samples[i] = how & 2 ? samples[i] + 0.2F * sample : sample;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[] = {16000.0, 38400.0, 40000.0, 96000.0};
    static float samples[2 * SAMPLES];
    static float complex iq[SAMPLES];
    static struct modem *modem[2][4];
    static const uint8_t bits[BITS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                       1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1};
    class = modem_find("biphase400")->class;
    if (size < 2)
        return 0;
    bool is_iq = data[0] & 1;
    unsigned rate = data[0] >> 1 & 3, how = data[0] >> 3 & 3;
    if (!modem[is_iq][rate])
        assert(class->create(&modem[is_iq][rate], rates[rate], is_iq ? MODEM_IQ : MODEM_AUDIO) == ATALAYA_OK);
    used = modem[is_iq][rate];
    class->reset(used);
    heard = 0;
    memset(samples, 0, sizeof samples);
    if (how & 2 && rate == 0) {
        if (is_iq && class->modulate_iq(rates[rate], bits, BITS, iq + 3000, SAMPLES - 3000) > 0)
            memcpy(samples, iq, sizeof samples);
        else if (!is_iq)
            assert(class->modulate(rates[rate], bits, BITS, samples + 3000, SAMPLES - 3000) > 0);
    }
    samples_make(data + 1, size - 1, how, samples, is_iq ? 2 * SAMPLES : SAMPLES);
    for (size_t i = 0; i < SAMPLES && is_iq; i++)
        iq[i] = samples[2 * i] + _Complex_I * samples[2 * i + 1];
    for (size_t at = 0; at < SAMPLES; at += CHUNK) {
        if (is_iq)
            class->execute_iq(used, iq + at, CHUNK, hear, NULL);
        else
            class->execute(used, samples + at, CHUNK, hear, NULL);
    }
    return 0;
}
