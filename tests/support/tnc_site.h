/* SPDX-License-Identifier: Apache-2.0 */
/* A site with one way to say something: a KISS TNC that the test plays, on the channel "aprs", as
 * ax25.N0CALL-10. */
#ifndef ATALAYA_TEST_TNC_SITE_H
#define ATALAYA_TEST_TNC_SITE_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/tnc.h"

void tnc_site_configure(struct config *config);
/* Nobody is heard. */
tnc_frame tnc_site_deaf;

#endif
