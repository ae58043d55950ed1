/**
 * The chooser of a video. Its state is what the form shows, also after a choice from the
 * library, so that a draft keeps it.
 */
(() => {
  class VideoChooser {
    constructor(html) {
      this.html = html;
    }

    render(placeholder, name, id, initialState) {
      placeholder.outerHTML = this.html.replace(/__NAME__/g, name).replace(/__ID__/g, id);
      const input = document.getElementById(id);
      const place = document.getElementById(`${id}-chooser`);
      const title = place.querySelector("[data-chooser-title]");
      const link = place.querySelector("[data-chooser-edit-link]");
      const chooser = window.createMediaChooser(id);
      const getState = () =>
        input.value
          ? { id: Number(input.value), title: title.textContent, edit_url: link?.getAttribute("href") ?? "" }
          : null;
      chooser.setState(initialState);
      const isDeleted = initialState && !initialState.edit_url;
      if (isDeleted) link?.classList.add("w-hidden");
      return Object.assign(chooser, { getState, getValue: () => getState()?.id });
    }
  }

  window.telepath.register("wagtail_live.VideoChooser", VideoChooser);
})();
