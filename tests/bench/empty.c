/* A program that does nothing: what starting and ending costs. */
int
main(void)
{
	return 0;
}
