// Lets the demo shop be opened as ?language=pt or ?campaign=2. A real page writes these on the script tag.
{
  const script = document.querySelector('script[data-campaign]');
  const wishes = new URLSearchParams(location.search);
  for (const name of ['campaign', 'language']) {
    const wish = wishes.get(name);
    if (!wish) continue;
    script.dataset[name] = wish;
    document.querySelector('webchat-window')?.setAttribute(name, wish);
  }
}
