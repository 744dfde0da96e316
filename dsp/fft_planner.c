/* SPDX-License-Identifier: Apache-2.0 */
#include "fft_planner.h"

#include <threads.h>

static once_flag once = ONCE_FLAG_INIT;
static mtx_t lock;
static bool usable;

static void prepare(void)
{
    usable = mtx_init(&lock, mtx_plain) == thrd_success;
}

bool fft_planner_lock(void)
{
    call_once(&once, prepare);
    return usable && mtx_lock(&lock) == thrd_success;
}

void fft_planner_unlock(void)
{
    (void)mtx_unlock(&lock);
}
