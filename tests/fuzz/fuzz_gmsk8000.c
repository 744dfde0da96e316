/* SPDX-License-Identifier: Apache-2.0 */
/* The modem gmsk8000 fed with any samples: as a radio channel and as a discriminator's audio. What it gives
 * are whole runs in order, and figures that are numbers or not known. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/modem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES = 16000, CHUNK = 500 };

static uint64_t heard;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert(run->branch == 0 && run->first_bit == heard);
    for (size_t i = 0; i < run->count; i++)
        assert(run->soft[i] != INT8_MIN);
    heard += run->count;
}

/* The input over and over, as bytes or as whatever floats its bits are. */
static void samples_make(const uint8_t *data, size_t size, bool floats, float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (floats && size >= sizeof *samples)
            memcpy(samples + i, data + i % (size / sizeof *samples) * sizeof *samples, sizeof *samples);
        else
            samples[i] = (float)((int)data[i % size] - 128) / 64.0F;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[] = {16000.0, 24000.0, 44100.0, 48000.0};
    static float samples[2 * SAMPLES];
    static float complex iq[SAMPLES];
    const struct modem_class *class = modem_find("gmsk8000")->class;
    static struct modem *modem[2][4];
    if (size < 2)
        return 0;
    bool is_iq = data[0] & 1;
    unsigned rate = data[0] >> 1 & 3;
    struct modem **used = &modem[is_iq][rate];
    if (!*used)
        assert(class->create(used, rates[rate], is_iq ? MODEM_IQ : MODEM_AUDIO) == ATALAYA_OK);
    class->reset(*used);
    heard = 0;
    samples_make(data + 1, size - 1, data[0] & 8, samples, 2 * SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        iq[i] = samples[2 * i] + _Complex_I * samples[2 * i + 1];
    for (size_t at = 0; at < SAMPLES; at += CHUNK) {
        if (is_iq)
            class->execute_iq(*used, iq + at, CHUNK, hear, NULL);
        else
            class->execute(*used, samples + at, CHUNK, hear, NULL);
    }
    struct burst_figures figures;
    if (heard > 0 && class->measure(*used, 0, heard / 2, heard, &figures) == ATALAYA_OK) {
        assert(figures.end_sample > figures.first_sample && isfinite(figures.peak));
        assert(!isinf(figures.snr_db) && !isinf(figures.level_dbfs) && !isinf(figures.offset_hz));
    }
    /* Of audio the gate keeps 0.6 s back, until it is sure that nobody sends. */
    double kept_s = is_iq ? 0.125 : 0.125 + 0.65;
    assert((double)heard > (SAMPLES / rates[rate] - kept_s) * 8000.0);
    return 0;
}
