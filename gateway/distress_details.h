/* SPDX-License-Identifier: Apache-2.0 */
/* What a protocol lets stay with an incident: fields of the call, and a text for coordination centres. */
#ifndef ATALAYA_DISTRESS_DETAILS_H
#define ATALAYA_DISTRESS_DETAILS_H

#include "atalaya/gateway/distress.h"
#include "atalaya/gateway/reception.h"

/* Takes them from this hearing. A message with a fault adds what is not there yet and changes nothing: an
 * earlier one said more. station: the site, for the text. */
void distress_details_note(struct distress *distress, const struct reception *reception, const char *station);

#endif
