/* SPDX-License-Identifier: Apache-2.0 */
/* The modem oqpsk_dsss fed with any samples: its search with a third of a second of them, and what reads a
 * burst with a burst on which they lie, as if the search had found it there. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "../../dsp/dsss_track.h"
#include "atalaya/dsp/modem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RATE_HZ 76800.0
enum { SAMPLES = 24000, BURST = 76801 };

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count; i++)
        assert(run->soft[i] != INT8_MIN);
}

/* The input over and over, as bytes or as whatever floats its bits are. */
static float complex sample_at(const uint8_t *data, size_t size, bool floats, size_t i)
{
    float pair[2];
    if (floats && size >= sizeof pair)
        memcpy(pair, data + i % (size / sizeof pair) * sizeof pair, sizeof pair);
    else
        for (unsigned k = 0; k < 2; k++)
            pair[k] = (float)((int)data[(2 * i + k) % size] - 128) / 64.0F;
    return pair[0] + pair[1] * _Complex_I;
}

static void search_any(const uint8_t *data, size_t size, bool floats)
{
    static struct modem *modem;
    static float complex iq[SAMPLES];
    const struct modem_class *class = modem_find("oqpsk_dsss")->class;
    struct burst_figures figures;
    if (!modem)
        assert(class->create(&modem, RATE_HZ, MODEM_IQ) == ATALAYA_OK);
    class->reset(modem);
    for (size_t i = 0; i < SAMPLES; i++)
        iq[i] = sample_at(data, size, floats, i);
    class->execute_iq(modem, iq, SAMPLES, hear, NULL);
    assert(class->measure(modem, data[0] % 2, data[0], data[0] + 300U, &figures) == ATALAYA_E_RANGE);
}

/* The samples as the modem has cleaned them: bounded. */
static void read_any(const uint8_t *data, size_t size, float scale)
{
    static struct dsss_code code;
    static struct dsss_window window;
    static struct dsss_filter filter[DSSS_PULSES];
    static float complex burst[BURST];
    if (!window.ring) {
        static uint8_t bits[DSSS_BITS];
        const struct modem_class *class = modem_find("oqpsk_dsss")->class;
        dsss_code_init(&code, DSSS_NORMAL);
        assert(dsss_window_create(&window, RATE_HZ) == ATALAYA_OK);
        for (unsigned p = 0; p < DSSS_PULSES; p++)
            dsss_filter_init(&filter[p], 2.0, dsss_pulses[p].reach, dsss_pulses[p].at, dsss_pulses[p].at);
        assert(class->modulate_iq(RATE_HZ, bits, DSSS_BITS, burst, BURST) == BURST);
    }
    dsss_window_reset(&window);
    for (size_t i = 0; i < BURST; i++)
        dsss_window_push(&window, burst[i] + scale * sample_at(data, size, false, i));
    const struct dsss_place near = {.at = 1.0, .step = 2.0};
    struct dsss_lock lock;
    struct dsss_burst heard;
    if (!dsss_lock(&window, filter, &code, &near, 0.0, &lock))
        return;
    const struct dsss_despread how = {&window, &filter[lock.pulse], &code};
    dsss_track(&how, &lock, &heard);
    for (unsigned i = 0; i < DSSS_BITS; i++)
        assert(heard.soft[i] != 0 && heard.soft[i] != INT8_MIN);
    assert(isfinite(heard.amplitude) && heard.amplitude > 0 && isfinite(heard.noise) && heard.noise > 0);
    assert(isfinite(heard.place.at) && isfinite(heard.turn));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    if (data[0] & 1)
        search_any(data + 1, size - 1, data[0] & 2);
    else
        read_any(data + 1, size - 1, (float)(data[0] >> 1) / 32.0F);
    return 0;
}
