// Starts django-allauth's passkey forms, whose own pages do so by inline scripts that the policy refuses.
(function () {
  "use strict";

  function tellFailure(event) {
    event.preventDefault();
    document.querySelectorAll("[data-passkey-failed]").forEach(function (sentence) {
      sentence.hidden = false;
    });
  }

  document.addEventListener("allauth.error", tellFailure);
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-passkey]").forEach(function (form) {
      const button = form.querySelector("[data-passkey-button]").id;
      const credential = form.elements.namedItem("credential").id;
      window.allauth.webauthn.forms[form.dataset.passkey]({
        ids: {
          add: button,
          authenticate: button,
          login: button,
          credential: credential,
          passwordless: "id_passwordless",
          data: "js_data",
        },
      });
    });
  });
})();
