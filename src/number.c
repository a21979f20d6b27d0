#include "number.h"

#include <limits.h>
#include <stdbool.h>

enum number_result
number_parse(const char *text, size_t len, long min, long max, long *value)
{
	bool negative, overflow = false;
	size_t i = 0;
	long n = 0;

	negative = len > 0 && text[0] == '-';
	if (len > 0 && (text[0] == '-' || text[0] == '+'))
		i++;
	if (i == len)
		return NUMBER_SYNTAX;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NUMBER_SYNTAX;
		if (n > (INT_MAX - 9) / 10)
			overflow = true;
		else
			n = n * 10 + (text[i] - '0');
	}
	if (negative)
		n = -n;
	if (overflow || n < min || n > max)
		return NUMBER_RANGE;
	*value = n;
	return NUMBER_OK;
}
