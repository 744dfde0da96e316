/* SPDX-License-Identifier: Apache-2.0 */
/* FFTW's planner is not to be used by two threads at once: plans are made and destroyed under this lock. */
#ifndef ATALAYA_DSP_FFT_PLANNER_H
#define ATALAYA_DSP_FFT_PLANNER_H

#include <stdbool.h>

bool fft_planner_lock(void); /* false: there is no lock to be had */
void fft_planner_unlock(void);

#endif
