/* SPDX-License-Identifier: Apache-2.0 */
/* The inner half of a command: which commands there are and what each must be told. */
#ifndef ATALAYA_MQTT_INBOUND_ARGUMENTS_H
#define ATALAYA_MQTT_INBOUND_ARGUMENTS_H

#include "atalaya/gateway/inbound.h"

/* Copies made safe for a topic; true when nothing had to be changed. */
bool inbound_copy_id(char *out, size_t size, const char *text, size_t length);
/* arguments may be NULL (none given). NULL, or what is wrong. */
const char *inbound_read_arguments(json_t *arguments, struct inbound_command *command);
/* NULL, or why value has no single writing: fractions, control characters. */
const char *inbound_check_writing(json_t *value);

#endif
