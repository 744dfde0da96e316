/* SPDX-License-Identifier: Apache-2.0 */
#include "port_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

int far_end_open(int flags, char *device, size_t size)
{
    int far = posix_openpt(O_RDWR | O_NOCTTY | flags);
    assert_true(far >= 0);
    assert_int_equal(grantpt(far), 0);
    assert_int_equal(unlockpt(far), 0);
    assert_int_equal(ptsname_r(far, device, size), 0);
    return far;
}

void port_bench_open(struct port_bench *bench, int flags, tnc_frame *frame, void *context)
{
    bench->far = far_end_open(flags, bench->settings.device, sizeof bench->settings.device);
    assert_true(sd_event_new(&bench->event) >= 0);
    assert_int_equal(tnc_create(bench->event, &bench->settings, frame, context, &bench->tnc), ATALAYA_OK);
}

void port_bench_close(struct port_bench *bench)
{
    tnc_destroy(bench->tnc);
    (void)sd_event_unref(bench->event);
    if (bench->far >= 0)
        (void)close(bench->far);
}
