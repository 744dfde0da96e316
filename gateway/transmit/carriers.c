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
        if (!ear->quiet || rate_hz >= SQUELCH_HISS_RATE_HZ)
            return ATALAYA_OK;
        log_error("channel %s: carrier = quiet of transmitter %s needs a rate of %.0f Hz, not %.0f Hz",
                  settings->channel, settings->name, SQUELCH_HISS_RATE_HZ, rate_hz);
        return ATALAYA_E_ARGUMENT;
    }
    return ATALAYA_OK;
}

void carriers_execute(const struct carrier_ear *ear, struct squelch *squelch)
{
    struct squelch_levels levels;
    if (!ear->board)
        return;
    int64_t now_ns = clock_mono_ns();
    atomic_store_explicit(&ear->board->channel[ear->channel].heard_ns, now_ns, memory_order_relaxed);
    if (!squelch_levels(squelch, &levels))
        return;
    bool busy = ear->quiet ? (double)levels.quietest_dbfs < ear->threshold_dbfs
                           : (double)levels.loudest_dbfs > ear->threshold_dbfs;
    if (busy)
        atomic_store_explicit(&ear->board->channel[ear->channel].busy_ns, now_ns, memory_order_relaxed);
}

enum carriers_state carriers_look(const struct carrier_board *board, unsigned channel, int64_t now_ns)
{
    int64_t heard_ns = atomic_load_explicit(&board->channel[channel].heard_ns, memory_order_relaxed);
    int64_t busy_ns = atomic_load_explicit(&board->channel[channel].busy_ns, memory_order_relaxed);
    if (heard_ns == 0 || now_ns - heard_ns > blind_ns)
        return CARRIERS_BLIND;
    return busy_ns != 0 && now_ns - busy_ns < hang_ns ? CARRIERS_BUSY : CARRIERS_FREE;
}
