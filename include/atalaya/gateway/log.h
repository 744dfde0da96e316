/* SPDX-License-Identifier: Apache-2.0 */
/* One place for what the program says about itself. Standard error, with a syslog priority prefix under
 * systemd. A line that repeats (same format at the same place) more than 10 times in a minute is held back,
 * and "repeated N times" follows when the minute is over; 500 in a minute of all together, likewise. dsp/ and
 * protocol/ never log. Any thread. No allocation. */
#ifndef ATALAYA_GATEWAY_LOG_H
#define ATALAYA_GATEWAY_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says what is still held back. */
void log_flush(void);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
