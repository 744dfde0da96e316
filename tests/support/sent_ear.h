/* SPDX-License-Identifier: Apache-2.0 */
/* A protocol behind each branch of a modem, that notes whether what was sent comes, and what else does. */
#ifndef ATALAYA_TEST_SENT_EAR_H
#define ATALAYA_TEST_SENT_EAR_H

#include <stdbool.h>

#include "atalaya/protocol/protocol.h"

enum { SENT_EAR_BRANCHES = 16 };

struct sent_ear {
    const struct protocol *protocol;
    void *streams[SENT_EAR_BRANCHES];
    struct protocol_output output;
    struct message sent; /* by its raw octets */
    bool whole;          /* it came; the test takes it back */
    unsigned wrong;      /* what else came */
};

/* ear must stay where it is. Fails the test where there is no such protocol. */
void sent_ear_create(struct sent_ear *ear, const char *protocol);
void sent_ear_reset(struct sent_ear *ear); /* as at the beginning of a recording */
void sent_ear_hear(void *ear, const struct soft_run *run);
void sent_ear_destroy(struct sent_ear *ear);

#endif
