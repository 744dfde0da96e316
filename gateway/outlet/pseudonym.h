/* SPDX-License-Identifier: Apache-2.0 */
/* The secret with which a site makes pseudonyms for topics: made once, kept in its spool, never sent. Main
 * thread. */
#ifndef ATALAYA_OUTLET_PSEUDONYM_H
#define ATALAYA_OUTLET_PSEUDONYM_H

#include "atalaya/gateway/spool.h"
#include "outlet.h"

/* A disk that cannot keep it costs stability, not secrecy: after the next start units have other topics. */
void pseudonym_secret(struct spool *spool, unsigned char secret[OUTLET_SECRET_BYTES]);

#endif
