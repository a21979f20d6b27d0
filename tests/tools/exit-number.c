/*
 * An interpreter that is told from others by its name: the exit status is the
 * number that its path ends with.
 */
#include <stdlib.h>
#include <string.h>

int
main(int argc, char *argv[])
{
	size_t len = argc > 0 ? strlen(argv[0]) : 0;

	while (len > 0 && argv[0][len - 1] >= '0' && argv[0][len - 1] <= '9')
		len--;
	return argc > 0 ? (int)strtol(argv[0] + len, NULL, 10) : 0;
}
