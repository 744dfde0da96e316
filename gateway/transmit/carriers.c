/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/carriers.h"

#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

/* A pause of speech or between two bursts is not the end of them; a receiver gives a block in 20 ms to 100
 * ms. */
static const int64_t hang_ns = 200000000, blind_ns = 1500000000;

enum atalaya_result carriers_listen(const struct config *config, unsigned channel, double rate_hz, bool iq,
                                    struct carrier_board *board, struct carrier_ear *ear)
{
    memset(ear, 0, sizeof *ear);
    for (unsigned i = 0; board && i < config->transmitter_count; i++) {
        const struct config_transmitter *settings = &config->transmitter[i];
        if (settings->carrier == CARRIER_NONE ||
            strcmp(settings->channel, config->channel[channel].name) != 0)
            continue;
        ear->board = board;
        ear->channel = channel;
        ear->quiet = settings->carrier == CARRIER_QUIET && !iq;
        ear->threshold_dbfs = settings->carrier_db;
        enum atalaya_result result =
            carrier_create(rate_hz, ear->quiet ? CARRIER_HISS : CARRIER_LOUDNESS, &ear->carrier);
        if (result == ATALAYA_E_ARGUMENT)
            log_error("channel %s: carrier = quiet of transmitter %s needs a rate of 16000 Hz, not %.0f Hz",
                      settings->channel, settings->name, rate_hz);
        return result;
    }
    return ATALAYA_OK;
}

void carriers_execute(struct carrier_ear *ear, const float *audio, size_t count)
{
    double loudest, quietest;
    if (!ear->carrier)
        return;
    int64_t now_ns = clock_mono_ns();
    atomic_store_explicit(&ear->board->channel[ear->channel].heard_ns, now_ns, memory_order_relaxed);
    if (!carrier_execute(ear->carrier, audio, count, &loudest, &quietest))
        return;
    bool busy = ear->quiet ? quietest < ear->threshold_dbfs : loudest > ear->threshold_dbfs;
    if (busy)
        atomic_store_explicit(&ear->board->channel[ear->channel].busy_ns, now_ns, memory_order_relaxed);
}

void carriers_deafen(struct carrier_ear *ear)
{
    carrier_destroy(ear->carrier);
    memset(ear, 0, sizeof *ear);
}

enum carriers_state carriers_look(const struct carrier_board *board, unsigned channel, int64_t now_ns)
{
    int64_t heard_ns = atomic_load_explicit(&board->channel[channel].heard_ns, memory_order_relaxed);
    int64_t busy_ns = atomic_load_explicit(&board->channel[channel].busy_ns, memory_order_relaxed);
    if (heard_ns == 0 || now_ns - heard_ns > blind_ns)
        return CARRIERS_BLIND;
    return busy_ns != 0 && now_ns - busy_ns < hang_ns ? CARRIERS_BUSY : CARRIERS_FREE;
}
