/* SPDX-License-Identifier: Apache-2.0 */
/* A serial device that a test plays: the far end of a pseudo-terminal. */
#ifndef PORT_BENCH_H
#define PORT_BENCH_H

#include "atalaya/gateway/tnc.h"

/* The far end of a new one; device: its name. flags: of open(2), besides O_RDWR | O_NOCTTY. */
int far_end_open(int flags, char *device, size_t size);

/* One with a TNC or base radio and the loop that it works in. */
struct port_bench {
    int far;
    sd_event *event;
    struct config_source settings; /* before port_bench_open, but for the device */
    struct tnc *tnc;
};
void port_bench_open(struct port_bench *bench, int flags, tnc_frame *frame, void *context);
void port_bench_close(struct port_bench *bench);

#endif
