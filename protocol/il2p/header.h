/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in front of an IL2P payload (N. Carrillo KK4HEJ, IL2P specification draft 0.6): 13 octets,
 * either type 1, which says what an AX.25 header of two addresses says, or type 0, after which the whole
 * AX.25 frame is payload. */
#ifndef ATALAYA_PROTOCOL_IL2P_HEADER_H
#define ATALAYA_PROTOCOL_IL2P_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IL2P_HEADER_SIZE = 13,
    IL2P_HEADER_CHECK = 2,
    IL2P_PAYLOAD_MAX = 1023,
    IL2P_AX25_HEADER_MAX = 16 /* two addresses, control, PID */
};

struct il2p_header {
    bool translated;  /* type 1 */
    bool blank;       /* nothing but type, code and length is set: how type 0 is sent */
    bool most_check;  /* 16 check octets a block; else as many as the length has it (before draft 0.6) */
    size_t payload;   /* octets */
    size_t ax25_size; /* of the AX.25 header that type 1 stands for; 0 for type 0 */
    uint8_t ax25[IL2P_AX25_HEADER_MAX];
};

/* Descrambled octets to header; false: no AX.25 station sends this. */
bool il2p_header_read(const uint8_t octets[IL2P_HEADER_SIZE], struct il2p_header *header);
/* The header of a frame without FCS, and from where on the frame is payload. false: too long. */
bool il2p_header_write(const uint8_t *frame, size_t length, uint8_t octets[IL2P_HEADER_SIZE],
                       size_t *payload_at);

#endif
