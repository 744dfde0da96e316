/* SPDX-License-Identifier: Apache-2.0 */
/* alsa-lib writes its own words to standard error; they are detail behind our one line. */
#ifndef ATALAYA_SOURCE_ALSA_WORDS_H
#define ATALAYA_SOURCE_ALSA_WORDS_H

/* From now on they go to the log, at its most talkative. Any thread, any number of times. */
void alsa_words_take(void);

#endif
