/* SPDX-License-Identifier: Apache-2.0 */
/* What a running gateway publishes, into the model. Hostile: any topic, any bytes. Pure. */
#ifndef ATALAYA_LISTEN_REMOTE_H
#define ATALAYA_LISTEN_REMOTE_H

#include "model.h"

/* topic: below the prefix: "site/S/rx". many: several sites are listened to, so that channels bear their
 * names
 * ("S/aprs"). line [size: LISTEN_TEXT_MAX]: what a plain view prints; true: there is something. */
bool listen_hear_document(struct listen_model *model, bool many, const char *topic, const void *payload,
                          size_t length, char *line);

#endif
